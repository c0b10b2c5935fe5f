import { type ReactNode, useLayoutEffect, useRef } from 'react';
import type { RuleFault } from '@/api/types';

/** A text area with places underlined: a copy of its text lies over it, see-through but for the lines. */
export function Underlined({ text, faults, children }: { text: string; faults: RuleFault[]; children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  const copy = useRef<HTMLPreElement>(null);
  useLayoutEffect(() => {
    const [outer, over] = [box.current, copy.current];
    const area = outer?.querySelector('textarea');
    if (!area || !outer || !over) return;
    const follow = () => {
      const style = getComputedStyle(area);
      const [inside, around] = [area.getBoundingClientRect(), outer.getBoundingClientRect()];
      Object.assign(over.style, {
        left: `${inside.left - around.left}px`,
        top: `${inside.top - around.top}px`,
        width: `${area.clientWidth + 2}px`,
        height: `${area.offsetHeight}px`,
        padding: style.padding,
        font: style.font,
        letterSpacing: style.letterSpacing,
      });
      over.scrollTop = area.scrollTop;
    };
    follow();
    area.addEventListener('scroll', follow);
    return () => area.removeEventListener('scroll', follow);
  });

  const places = faults
    .flatMap((fault) => (fault.text ? [fault.text] : []))
    .sort((a, b) => a.offset - b.offset);
  const parts: ReactNode[] = [];
  let at = 0;
  for (const place of places) {
    // A fault at the end of the text underlines its last character.
    const start = Math.max(at, Math.min(place.offset, text.length - 1));
    const end = Math.max(start + 1, place.offset + place.length);
    parts.push(text.slice(at, start), <mark key={start}>{text.slice(start, end)}</mark>);
    at = end;
  }
  parts.push(text.slice(at));
  return (
    <div ref={box} className="rb-underlined">
      {children}
      <pre ref={copy} aria-hidden="true">
        {parts}
      </pre>
    </div>
  );
}
