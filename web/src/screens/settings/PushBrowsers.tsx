import { useQuery, useQueryClient } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import type { Schemas } from "../../api/client";
import {
  addPushSubscription,
  PUSH_SUBSCRIPTIONS,
  removePushSubscription,
  usePushSubscriptions,
} from "../../api/push_subscriptions";
import { useApp } from "../../app_context";
import { texts } from "../../i18n/language";
import { announce } from "../../parts/announcements";
import { Loaded } from "../../parts/Loaded";
import { TaskButton } from "../../parts/TaskButton";
import {
  endpointOfThisBrowser,
  isPushSupported,
  type PushObstacle,
  PushRefused,
  subscribeThisBrowser,
  unsubscribeThisBrowser,
} from "../../push/this_browser";
import { makerOf } from "./browsers";
import { instantDay } from "./dates";
import { focusSection } from "./Section";

const THIS_BROWSER = ["push-subscriptions", "this-browser"];

/** The browsers that get push messages, and the way to add this one. */
export function PushBrowsers() {
  const subscriptions = usePushSubscriptions();
  const own = useQuery({ queryKey: THIS_BROWSER, queryFn: endpointOfThisBrowser });
  const text = texts.value.settings.notices;
  return (
    <Loaded query={subscriptions}>
      {(found) => (
        <>
          <ul class="entries">
            {found.map((each) => (
              <BrowserEntry key={each.pushSubscriptionId} subscription={each} isOwn={each.endpoint === own.data} />
            ))}
          </ul>
          {found.length === 0 && <p class="quiet">{text.noBrowsers}</p>}
          {found.every(({ endpoint }) => endpoint !== own.data) && <ThisBrowser />}
        </>
      )}
    </Loaded>
  );
}

/** The button that adds this browser. The browser asks for permission only after the click. */
function ThisBrowser() {
  const { api, config } = useApp();
  const queries = useQueryClient();
  const text = texts.value.settings.notices;
  const [obstacle, setObstacle] = useState<PushObstacle | null>(isPushSupported() ? null : "unsupported");

  async function enable() {
    setObstacle(null);
    try {
      await addPushSubscription(api, await subscribeThisBrowser(config.vapidPublicKey));
      await queries.invalidateQueries({ queryKey: PUSH_SUBSCRIPTIONS });
      announce(text.enabled);
    } catch (error) {
      if (!(error instanceof PushRefused)) throw error;
      setObstacle(error.obstacle);
    }
  }

  return (
    <>
      {obstacle !== "unsupported" && <TaskButton text={text.enable} action={enable} />}
      <div role="alert">{obstacle && <p class="notice">{text.obstacles[obstacle]}</p>}</div>
    </>
  );
}

function BrowserEntry({ subscription, isOwn }: { subscription: Schemas["PushSubscription"]; isOwn: boolean }) {
  const { api } = useApp();
  const queries = useQueryClient();
  const text = texts.value.settings.notices;
  const { pushSubscriptionId, endpoint, createdAt } = subscription;
  const name = isOwn ? text.thisBrowser : text.browsers[makerOf(endpoint)];
  return (
    <li>
      <div>
        <strong>{name}</strong>
        <p class="quiet">{text.since(instantDay(createdAt))}</p>
      </div>
      <TaskButton
        text={text.remove}
        name={text.removeName(name)}
        doneText={text.removed}
        action={async () => {
          if (isOwn) await unsubscribeThisBrowser();
          await removePushSubscription(api, pushSubscriptionId);
          await queries.invalidateQueries({ queryKey: PUSH_SUBSCRIPTIONS });
          focusSection("notices");
        }}
      />
    </li>
  );
}
