import type { ComponentChildren } from "preact";
import { codeOf } from "../api/refusal";
import { texts } from "../i18n/language";
import { NothingHere } from "./NothingHere";
import { refusalText } from "./refusal_text";

/** What a query has found until now. */
export interface LoadedQuery<Data> {
  data: Data | undefined;
  error: unknown;
  isPending: boolean;
  /** `paused` while the browser has no network. */
  fetchStatus: string;
  refetch: () => unknown;
}

interface LoadedProps<Data> {
  query: LoadedQuery<Data>;
  /** The heading of a failure, where the content has the heading of the screen. */
  title?: string;
  children: (data: Data) => ComponentChildren;
}

/** The data of a query, or why there is none yet. Data stays on the page if a later fetch fails. */
export function Loaded<Data>({ query, title, children }: LoadedProps<Data>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  const { layout, live, words } = texts.value;
  if (query.isPending && query.fetchStatus === "paused") return <p>{live.comesOnline}</p>;
  if (query.isPending) return <p aria-busy="true">{layout.loading}</p>;
  if (title && codeOf(query.error) === "not_found") return <NothingHere />;
  return (
    <div role="alert">
      {title && <h1>{title}</h1>}
      <p>{refusalText(query.error)}</p>
      <button type="button" onClick={() => query.refetch()}>
        {words.tryAgain}
      </button>
    </div>
  );
}
