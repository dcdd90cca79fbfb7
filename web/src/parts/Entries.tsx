import type { ComponentChildren } from "preact";
import { Loaded, type LoadedQuery } from "./Loaded";

interface EntriesProps<Entry> {
  query: LoadedQuery<readonly Entry[]>;
  /** The text of an empty list. */
  none: string;
  /** The list item of an entry, with a key. */
  children: (entry: Entry) => ComponentChildren;
}

/** The list that a query returned, or a text if it is empty. */
export function Entries<Entry>({ query, none, children }: EntriesProps<Entry>) {
  return (
    <Loaded query={query}>
      {(found) =>
        found.length === 0 ? (
          <p class="quiet">{none}</p>
        ) : (
          <ul class="entries">{found.map((each) => children(each))}</ul>
        )
      }
    </Loaded>
  );
}
