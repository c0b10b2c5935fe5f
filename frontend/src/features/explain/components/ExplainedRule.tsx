import { Badge, UnstyledButton } from '@mantine/core';
import { IconChevronRight, IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import { useId, useState } from 'react';
import type { ExplainedNode, ExplainedSegment } from '@/api/explain';
import { hasEvidence, type Line, lines, openAtFirst } from '../model/explanation';
import { EvidencePanel } from './EvidencePanel';
import './explain.css';

function Verdict({ holds }: { holds: boolean }) {
  return (
    <span className={holds ? 'rc-up' : 'rc-down'}>
      {holds ? (
        <IconCircleCheck size={20} role="img" aria-label="Holds" />
      ) : (
        <IconCircleX size={20} role="img" aria-label="Does not hold" />
      )}
    </span>
  );
}

function RuleLine({ line, segments, opened }: { line: Line; segments: ExplainedSegment[]; opened: string[] }) {
  const { node, below } = line;
  const [open, setOpen] = useState(opened.includes(node.pointer));
  const id = useId();
  const { evidence } = node;
  const segment = evidence.kind === 'segment' ? segments.find((one) => one.id === evidence.id) : undefined;
  return (
    <li className="xp-item">
      <div className="xp-line" data-decisive={node.decisive || undefined}>
        <Verdict holds={node.holds} />
        <div className="xp-text">
          <div className="xp-words">
            {node.label && <Badge color="gray" mr={6}>{node.label}</Badge>}
            {node.words}
          </div>
          <div className="xp-sentence">{node.sentence}</div>
          {hasEvidence(evidence) && (
            <UnstyledButton className="xp-toggle" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
              <IconChevronRight size={14} aria-hidden data-open={open || undefined} />
              {segment ? 'Its rule' : 'Evidence'}
              <span className="rc-hidden"> of {node.words}</span>
            </UnstyledButton>
          )}
        </div>
      </div>
      {open && (
        <div className="xp-evidence" id={id}>
          {segment ? <ExplainedRule nodes={segment.nodes} segments={segments} label={`The rule of ${segment.name}`} /> : <EvidencePanel evidence={evidence} />}
        </div>
      )}
      {below.length > 0 && (
        <ul className="xp-list">
          {below.map((one) => (
            <RuleLine key={one.node.pointer} line={one} segments={segments} opened={opened} />
          ))}
        </ul>
      )}
    </li>
  );
}

/** A rule, line by line, with what holds for the user and why. */
export function ExplainedRule({ nodes, segments, label }: { nodes: ExplainedNode[]; segments: ExplainedSegment[]; label: string }) {
  const opened = openAtFirst(nodes);
  return (
    <ul className="xp-list xp-root" aria-label={label}>
      {lines(nodes).map((line) => (
        <RuleLine key={line.node.pointer} line={line} segments={segments} opened={opened} />
      ))}
    </ul>
  );
}
