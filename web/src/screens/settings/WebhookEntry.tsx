import { useQueryClient } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import type { Schemas } from "../../api/client";
import { changeWebhook, deleteWebhook, testWebhook, WEBHOOKS } from "../../api/webhooks";
import { useApp } from "../../app_context";
import { isolated, locale, texts } from "../../i18n/language";
import { plural } from "../../i18n/plural";
import { ConfirmedButton } from "../../parts/ConfirmedButton";
import { TaskButton } from "../../parts/TaskButton";
import { Deliveries } from "./Deliveries";
import { instantDay } from "./dates";
import { isEveryKind } from "./kinds";

/** A webhook with its state, its tests and its deliveries. */
export function WebhookEntry({ webhook }: { webhook: Schemas["Webhook"] }) {
  const { api } = useApp();
  const queries = useQueryClient();
  const [showsDeliveries, setShowsDeliveries] = useState(false);
  const text = texts.value.settings.webhooks;
  const { webhookId, url, enabled } = webhook;
  const refresh = () => queries.invalidateQueries({ queryKey: WEBHOOKS });

  async function test() {
    await testWebhook(api, webhookId);
    setShowsDeliveries(true);
    await refresh();
  }

  return (
    <li>
      <div>
        <strong dir="ltr">{url}</strong>
        <p class="quiet">
          {kindsText(webhook)} {stateText(webhook)}
        </p>
      </div>
      <div class="outcome">
        <TaskButton
          isMaking
          text={text.test}
          name={text.testName(isolated(url))}
          doneText={text.onItsWay}
          action={test}
        />
        <button
          type="button"
          aria-expanded={showsDeliveries}
          aria-label={text.deliveriesName(isolated(url))}
          onClick={() => setShowsDeliveries(!showsDeliveries)}
        >
          {text.deliveries}
        </button>
        <TaskButton
          text={enabled ? text.disable : text.enable}
          name={enabled ? text.disableName(isolated(url)) : text.enableName(isolated(url))}
          doneText={enabled ? text.disabled : text.enabled}
          action={() => changeWebhook(api, webhookId, { enabled: !enabled }).then(refresh)}
        />
        <ConfirmedButton
          text={text.delete}
          name={text.deleteName(isolated(url))}
          question={text.deleteQuestion}
          explanation={text.deleteExplanation}
          doneText={text.deleted}
          headingId="webhooks-title"
          action={async () => {
            await deleteWebhook(api, webhookId);
            await refresh();
          }}
        />
      </div>
      {showsDeliveries && <Deliveries webhookId={webhookId} />}
    </li>
  );
}

function kindsText({ kinds }: Schemas["Webhook"]): string {
  const text = texts.value.settings.webhooks;
  return isEveryKind(kinds) ? text.everyKind : plural(text.someKinds, kinds.length, locale.value);
}

function stateText({ enabled, disabledAt, failingSince }: Schemas["Webhook"]): string {
  const text = texts.value.settings.webhooks;
  if (!enabled) return disabledAt ? text.offSince(instantDay(disabledAt)) : text.off;
  return failingSince ? text.failing(instantDay(failingSince)) : text.on;
}
