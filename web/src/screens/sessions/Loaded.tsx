import type { ComponentChildren } from "preact";
import { texts } from "../../i18n/language";
import { refusalText } from "../../parts/refusal_text";

interface LoadedProps {
  query: { data: unknown; error: unknown; isFetching: boolean; refetch: () => unknown };
  children: ComponentChildren;
}

/** What a query shows: its content, or that it is loading, or why it failed with a way to try again. */
export function Loaded({ query, children }: LoadedProps) {
  const { sessions, layout } = texts.value;
  if (query.data !== undefined) return <>{children}</>;
  if (!query.error || query.isFetching) return <p aria-busy="true">{layout.loading}</p>;
  return (
    <div role="alert">
      <p>
        {sessions.failed} {refusalText(query.error)}
      </p>
      <button type="button" onClick={() => query.refetch()}>
        {sessions.tryAgain}
      </button>
    </div>
  );
}
