import { Button, Container } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { PageHeader } from '@/ui/page';
import { ErrorState, LoadingRows } from '@/ui/states';

export function Pending() {
  return <LoadingRows rows={8} />;
}

export function Failure({ error, reset }: { error: unknown; reset: () => void }) {
  return (
    <Container size="sm" py="xl">
      <PageHeader title="This page failed" />
      <ErrorState error={error} onRetry={reset} />
    </Container>
  );
}

export function NotFound() {
  return (
    <>
      <PageHeader title="Page not found" lead="There is nothing at this address. It may be mistyped, or what was here is gone." />
      <Button component={Link} to="/">
        Go to the overview
      </Button>
    </>
  );
}
