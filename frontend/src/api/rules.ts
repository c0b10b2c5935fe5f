import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { request } from './client';
import { refresh } from './query';
import type { JsonObject, Preview, RuleForms, RuleReference, Schema, SchemaValues, ValueType } from './types';

export function previewRule(rule: JsonObject, signal: AbortSignal): Promise<Preview> {
  return request<Preview>('POST', '/rules/preview', { body: { rule }, signal });
}

export function ruleForms(rule: JsonObject | string, signal?: AbortSignal): Promise<RuleForms> {
  return request<RuleForms>('POST', '/rules/forms', { body: { rule }, signal });
}

export const ruleFormsQuery = (rule: JsonObject) =>
  queryOptions({ queryKey: ['rule-forms', rule], queryFn: ({ signal }) => ruleForms(rule, signal), staleTime: Infinity });

/** It changes only with the server. */
export const ruleReferenceQuery = queryOptions({
  queryKey: ['rule-reference'],
  queryFn: ({ signal }) => request<RuleReference>('GET', '/rules/reference', { signal }),
  staleTime: Infinity,
});

export const schemaQuery = queryOptions({
  queryKey: ['schema'],
  staleTime: 60_000,
  queryFn: ({ signal }) => request<Schema>('GET', '/schema', { signal }),
});

export type ValueSource = { trait: string } | { event: string; property: string };

export const valuesQuery = (source: ValueSource, prefix = '', limit = 20) =>
  queryOptions({
    queryKey: ['schema-values', source, prefix, limit],
    staleTime: 60_000,
    queryFn: ({ signal }) =>
      request<SchemaValues>('GET', '/schema/values', {
        query: { ...source, prefix, limit },
        signal,
      }),
    placeholderData: keepPreviousData,
  });

export async function declareTypes(declared: {
  traits?: Record<string, ValueType>;
  properties?: Record<string, ValueType>;
}): Promise<void> {
  await request<Schema>('PUT', '/schema', {
    body: { traits: declared.traits ?? {}, properties: declared.properties ?? {} },
  });
  await refresh('schema');
}
