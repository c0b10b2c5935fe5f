import { Button, Center, Container } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { PageHeader } from '@/ui/page';
import { EmptyState, ErrorState, LoadingRows } from '@/ui/states';

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
    <Center component="main" mih="60vh">
      <div>
        <PageHeader title="Page not found" />
        <EmptyState
          title="There is nothing at this address"
          action={
            <Button component={Link} to="/">
              Go to the overview
            </Button>
          }
        />
      </div>
    </Center>
  );
}
