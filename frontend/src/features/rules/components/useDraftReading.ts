import { useQueryClient } from '@tanstack/react-query';
import { type Dispatch, useEffect } from 'react';
import { Problem } from '@/api/client';
import { ruleForms, ruleFormsQuery } from '@/api/rules';
import type { RuleForms } from '@/api/types';
import { problemText } from '@/ui/states';
import { type Draft, isPending, type Reading, readJson } from '../model/draft';
import type { Move } from '../model/editing';

function refusal(error: unknown): Reading {
  if (error instanceof Problem && error.errors.length > 0) return { state: 'faulty', faults: error.errors };
  const { title, detail } = problemText(error);
  // What the server says of the request and not of the text passes: it is away or busy, or the session has ended.
  const passing = !(error instanceof Problem) || ![400, 413, 422].includes(error.status);
  const then = passing ? 'It is asked again by itself' : detail;
  const faults = [{ pointer: '', code: 'unread', detail: [title, then].filter(Boolean).join('. ') }];
  return { state: passing ? 'unreachable' : 'faulty', faults };
}

/** Reads what is typed once the keys rest, whatever view is open; asks again when the server could not be reached. */
export function useDraftReading(draft: Draft | null, dispatch: Dispatch<Move>): void {
  const queries = useQueryClient();
  useEffect(() => {
    if (!isPending(draft) || draft.state === 'faulty') return;
    const controller = new AbortController();
    const answer = (reading: Reading) => {
      if (!controller.signal.aborted) dispatch({ do: 'read', draft, reading });
    };
    const accept = (forms: RuleForms) => {
      queries.setQueryData(ruleFormsQuery(forms.rule).queryKey, forms);
      answer({ rule: forms.rule });
    };
    const read = () => {
      if (draft.form === 'json') answer(readJson(draft.text));
      else ruleForms(draft.text, controller.signal).then(accept, (error: unknown) => answer(refusal(error)));
    };
    const timer = setTimeout(read, draft.state === 'unread' ? 250 : 2000);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [draft, dispatch, queries]);
}
