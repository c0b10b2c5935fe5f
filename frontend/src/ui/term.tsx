import { Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import { type TermName, terms } from './terms';

/** An exact term with its meaning on hover, on focus and on touch. */
export function Term({ name, children }: { name: TermName; children?: ReactNode }) {
  const { title, text } = terms[name];
  return (
    <Tooltip label={text} multiline maw={320} events={{ hover: true, focus: true, touch: true }}>
      <span className="rc-term" tabIndex={0}>
        {children ?? title}
      </span>
    </Tooltip>
  );
}
