import { Card, Text, Title } from '@mantine/core';
import { PageHeader } from '@/ui/page';
import { terms } from '@/ui/terms';

export default function WordsPage() {
  return (
    <>
      <PageHeader title="What the words mean" lead="The terms of this page in plain language." />
      <Card>
        {Object.entries(terms).map(([name, { title, text }]) => (
          <div key={name} id={name} className="rc-item">
            <Title order={2} size="h3">
              {title}
            </Title>
            <Text size="sm" maw={720}>
              {text}
            </Text>
          </div>
        ))}
      </Card>
    </>
  );
}
