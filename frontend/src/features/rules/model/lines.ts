import { eventNames } from './aggregates';
import { fieldText, type RuleDoc, type RuleNode } from './tree';

/** What each line and filter is called when it is spoken of elsewhere on the page, in the order of the page. */
export function lineNames(doc: RuleDoc): Map<string, string> {
  const names = new Map<string, string>();
  const visit = (node: RuleNode): void => {
    if (node.kind === 'group') {
      node.children.forEach(visit);
      return;
    }
    const { json } = node;
    if (node.kind === 'trait') {
      const trait = fieldText(json, 'trait');
      names.set(node.id, trait ? `the trait “${trait}”` : 'the new trait');
    } else if (node.kind === 'event') {
      const events = eventNames(json).join(', ');
      names.set(node.id, events ? `the behaviour “${events}”` : 'the new behaviour');
      for (const filter of node.where ?? []) {
        const property = fieldText(filter.json, 'property');
        names.set(filter.id, property ? `the filter “${property}” of “${events}”` : `the new filter of “${events}”`);
      }
    } else {
      names.set(node.id, node.kind === 'raw' ? 'the line edited as JSON' : `the line about a ${node.kind}`);
    }
  };
  visit(doc.root);
  return names;
}
