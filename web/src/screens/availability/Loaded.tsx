import type { ComponentChildren } from "preact";
import { texts } from "../../i18n/language";
import { refusalText } from "../../parts/refusal_text";

interface LoadedProps<Data> {
  query: { data: Data | undefined; error: unknown; isPending: boolean; refetch: () => unknown };
  /** The heading of the screen, if it is part of the content. */
  title?: string;
  children: (data: Data) => ComponentChildren;
}

/** The content of a query. Before it there is a note, and after a failure its words and a button that tries again. */
export function Loaded<Data>({ query, title, children }: LoadedProps<Data>) {
  const { layout } = texts.value;
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isPending)
    return (
      <p class="quiet" aria-busy="true">
        {layout.loading}
      </p>
    );
  return (
    <>
      {title && <h1>{title}</h1>}
      <p role="alert">{refusalText(query.error)}</p>
      <button type="button" onClick={() => query.refetch()}>
        {texts.value.availability.tryAgain}
      </button>
    </>
  );
}
