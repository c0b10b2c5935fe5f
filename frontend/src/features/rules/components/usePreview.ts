import { skipToken, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { Problem } from '@/api/client';
import { watermarkKey } from '@/api/query';
import { previewRule } from '@/api/rules';
import type { JsonObject, Preview, RuleFault } from '@/api/types';
import { type Compiled, compile, placeFaults } from '../model/compile';
import type { RuleDoc } from '../model/tree';

interface Answer {
  /** The rule this answers, and the lines it was asked for. */
  asked: string;
  preview: Preview | null;
  counts: Map<string, number>;
  warnings: Map<string, RuleFault[]>;
  faults: Map<string, RuleFault[]>;
  error: unknown;
}

export interface LiveCounts extends Answer {
  compiled: Compiled;
  /** Numbers shown are of an earlier rule. */
  counting: boolean;
}

const nothing: Answer = {
  asked: '',
  preview: null,
  counts: new Map(),
  warnings: new Map(),
  faults: new Map(),
  error: null,
};

function byNode(preview: Preview, pointers: Map<string, string>): Map<string, number> {
  const counts = new Map(preview.nodes.map((node) => [node.pointer, node.count]));
  counts.set('', preview.count);
  const placed = new Map<string, number>();
  for (const [id, pointer] of pointers) {
    const count = counts.get(pointer);
    if (count !== undefined) placed.set(id, count);
  }
  return placed;
}

async function ask(doc: RuleDoc, compiled: Compiled, signal: AbortSignal): Promise<Omit<Answer, 'asked'>> {
  const count = async (part: Compiled, faults: Map<string, RuleFault[]>) => {
    const preview = await previewRule(part.rule as JsonObject, signal);
    const warnings = placeFaults(preview.warnings, part.pointers);
    return { preview, counts: byNode(preview, part.pointers), warnings, faults, error: null };
  };
  try {
    return await count(compiled, new Map());
  } catch (error) {
    if (signal.aborted) throw error;
    if (!(error instanceof Problem) || error.errors.length === 0) return { ...nothing, error };
    // Lines that the server refuses are marked, and the rest is counted without them.
    const faults = placeFaults(error.errors, compiled.pointers);
    const rest = compile(doc, new Set(faults.keys()));
    if (!rest.rule) return { ...nothing, faults };
    return count(rest, faults).catch((second: unknown) => {
      if (signal.aborted) throw second;
      return { ...nothing, faults };
    });
  }
}

/** The exact count of every line, asked for once the keys rest; late answers never win. */
export function usePreview(doc: RuleDoc, delay = 220): LiveCounts {
  const compiled = useMemo(() => compile(doc), [doc]);
  // The same rule read anew has other lines, to which its counts are to be placed.
  const asked = useMemo(() => (compiled.rule ? `${doc.root.id} ${JSON.stringify(compiled.rule)}` : ''), [compiled]);
  const [answer, setAnswer] = useState<Answer>(nothing);

  useEffect(() => {
    if (!asked) {
      setAnswer(nothing);
      return;
    }
    const controller = new AbortController();
    const timer = setTimeout(() => {
      ask(doc, compiled, controller.signal).then(
        (found) => {
          if (controller.signal.aborted) return;
          setAnswer((before) =>
            // A number of an earlier rule stays only while the server cannot be asked.
            found.error === null ? { ...found, asked } : { ...before, asked, faults: found.faults, error: found.error },
          );
        },
        () => {},
      );
    }, delay);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [asked, delay]);

  // New data under an unchanged rule: count again, quietly, unless a count is under way.
  const { data: watermark } = useQuery<number>({ queryKey: watermarkKey, queryFn: skipToken });
  const counted = answer.preview?.watermark_seq;
  const idle = asked !== '' && answer.asked === asked;
  useEffect(() => {
    if (!idle || watermark === undefined || watermark === counted) return;
    const controller = new AbortController();
    ask(doc, compiled, controller.signal).then(
      (found) => {
        if (controller.signal.aborted || !found.preview) return;
        setAnswer((before) => (before.asked === asked ? { asked, ...found } : before));
      },
      () => {},
    );
    return () => controller.abort();
  }, [watermark]);

  return { ...answer, compiled, counting: asked !== '' && answer.asked !== asked };
}
