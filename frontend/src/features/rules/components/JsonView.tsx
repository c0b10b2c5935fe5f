import { toJson } from '../model/tree';
import { useBuilder } from './context';
import { DraftArea } from './DraftArea';

/** The rule as the API stores it. */
export function JsonView() {
  const { editor } = useBuilder();
  return (
    <DraftArea
      form="json"
      stored={JSON.stringify(toJson(editor.doc), null, 2)}
      label="The rule as JSON"
      description="What the API stores and both evaluation paths run. What you type is applied by itself."
      minRows={10}
    />
  );
}
