import { Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { ruleFormsQuery } from '@/api/rules';
import { ErrorState } from '@/ui/states';
import { toJson } from '../model/tree';
import { useBuilder } from './context';
import { DraftArea } from './DraftArea';

/** The rule as text. */
export function TextView() {
  const { editor } = useBuilder();
  const { data, error } = useQuery(ruleFormsQuery(toJson(editor.doc)));
  // What is being typed stays where it is, whatever becomes of the rule it was read as.
  if (editor.draft?.form !== 'text') {
    if (error) return <ErrorState error={error} />;
    if (!data) return <Skeleton height={160} radius="md" />;
    if (data.text === null) {
      return <Text size="sm">This rule is not finished, so it has no text yet. Finish it in the builder first.</Text>;
    }
  }
  return (
    <DraftArea
      form="text"
      stored={data?.text ?? ''}
      label="The rule as text"
      description="Reads back to the same rule. What you type is applied by itself."
      minRows={6}
    >
      <Text size="sm">{data?.words.en}</Text>
    </DraftArea>
  );
}
