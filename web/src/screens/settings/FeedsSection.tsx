import { useQueryClient } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import { CALENDAR_FEEDS, makeCalendarFeed, revokeCalendarFeed, useCalendarFeeds } from "../../api/calendar_feeds";
import type { Schemas } from "../../api/client";
import { useApp } from "../../app_context";
import { texts } from "../../i18n/language";
import { ConfirmedButton } from "../../parts/ConfirmedButton";
import { Entries } from "../../parts/Entries";
import { SecretDialog } from "../../parts/SecretDialog";
import { TaskButton } from "../../parts/TaskButton";
import { instantDay } from "./dates";
import { Section } from "./Section";

/** The secret addresses from which calendar programs read the member's sessions (R44). */
export function FeedsSection() {
  const { api } = useApp();
  const queries = useQueryClient();
  const feeds = useCalendarFeeds();
  const [secret, setSecret] = useState<string | null>(null);
  const text = texts.value.settings.feeds;
  // Also after a lost connection: the list then has what was made.
  const refresh = () => {
    queries.invalidateQueries({ queryKey: CALENDAR_FEEDS });
  };
  return (
    <Section id="feeds" title={text.title}>
      <p>{text.explanation}</p>
      <Entries query={feeds} none={text.none}>
        {(feed) => <FeedEntry key={feed.calendarFeedId} feed={feed} />}
      </Entries>
      <TaskButton text={text.make} isMaking action={() => makeCalendarFeed(api).then(setSecret).finally(refresh)} />
      {secret !== null && (
        <SecretDialog
          title={text.made}
          label={text.address}
          secret={secret}
          hint={text.use}
          onClose={() => setSecret(null)}
        />
      )}
    </Section>
  );
}

function FeedEntry({ feed: { calendarFeedId, createdAt } }: { feed: Schemas["CalendarFeed"] }) {
  const { api } = useApp();
  const queries = useQueryClient();
  const text = texts.value.settings.feeds;
  const name = text.name(instantDay(createdAt));
  return (
    <li>
      <div>{name}</div>
      <ConfirmedButton
        text={texts.value.words.revoke}
        name={text.revokeName(name)}
        question={text.revokeQuestion}
        explanation={text.revokeExplanation}
        doneText={text.revoked}
        headingId="feeds-title"
        action={async () => {
          await revokeCalendarFeed(api, calendarFeedId);
          await queries.invalidateQueries({ queryKey: CALENDAR_FEEDS });
        }}
      />
    </li>
  );
}
