import type { ComponentChildren } from "preact";
import { locale, texts } from "../../i18n/language";
import { plural } from "../../i18n/plural";
import { Loaded, type LoadedQuery } from "../../parts/Loaded";
import { TaskButton } from "../../parts/TaskButton";

/** The entries of a list that is read page by page. */
export interface PagedQuery<Entry> extends LoadedQuery<readonly Entry[]> {
  hasNextPage: boolean;
  fetchNextPage: (options: { throwOnError: true }) => Promise<unknown>;
}

interface PagesProps<Entry> {
  query: PagedQuery<Entry>;
  /** The text of an empty list that has no further page. */
  none: string;
  /** The list item of an entry, with a key. */
  children: (entry: Entry) => ComponentChildren;
}

/** A list of staff with the number of its entries, and a button for the next page. */
export function Pages<Entry>({ query, none, children }: PagesProps<Entry>) {
  const { staff } = texts.value;
  const count = query.data?.length;
  return (
    <>
      <p role="status" class="quiet">
        {count === 0 && (query.hasNextPage ? staff.noneYet : none)}
        {Boolean(count) && plural(staff.shown, count ?? 0, locale.value)}
      </p>
      <Loaded query={query}>
        {(entries) => (
          <>
            <ul class="staff-entries">{entries.map((entry) => children(entry))}</ul>
            {query.hasNextPage && (
              <TaskButton text={staff.more} action={() => query.fetchNextPage({ throwOnError: true })} />
            )}
          </>
        )}
      </Loaded>
    </>
  );
}
