import { useQueryClient } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import type { Schemas } from "../../api/client";
import { sendAgain, useDeliveries, WEBHOOKS } from "../../api/webhooks";
import { useApp } from "../../app_context";
import { texts } from "../../i18n/language";
import { Entries } from "../../parts/Entries";
import { TaskButton } from "../../parts/TaskButton";
import { instantDay } from "./dates";
import { deliveryText } from "./delivery_text";

/** The latest events for a webhook, each with its latest attempt. */
export function Deliveries({ webhookId }: { webhookId: string }) {
  const [requestedAt, setRequestedAt] = useState<number | null>(null);
  const deliveries = useDeliveries(webhookId, requestedAt);
  const text = texts.value.settings.webhooks;
  return (
    <div class="deliveries">
      <Entries query={deliveries} none={text.noDeliveries}>
        {(delivery) => (
          <DeliveryEntry
            key={delivery.eventId}
            webhookId={webhookId}
            delivery={delivery}
            onRequested={() => setRequestedAt(Date.now())}
          />
        )}
      </Entries>
    </div>
  );
}

interface DeliveryEntryProps {
  webhookId: string;
  delivery: Schemas["WebhookDelivery"];
  onRequested: () => void;
}

function DeliveryEntry({ webhookId, delivery, onRequested }: DeliveryEntryProps) {
  const { api } = useApp();
  const queries = useQueryClient();
  const { kinds, webhooks: text } = texts.value.settings;
  const { eventId, type, at, nextAttempt } = delivery;
  const names: Readonly<Record<string, string>> = { ...kinds, "webhook.test": text.testEvent };
  const name = names[type] ?? text.otherEvent;

  async function repeat() {
    await sendAgain(api, webhookId, eventId);
    onRequested();
    await queries.invalidateQueries({ queryKey: WEBHOOKS });
  }

  return (
    <li>
      <div>
        <strong>{name}</strong>
        <p class="quiet">
          {instantDay(at)}: {deliveryText(delivery, text)} {nextAttempt && text.nextAttempt(instantDay(nextAttempt))}
        </p>
      </div>
      <TaskButton
        isMaking
        text={text.sendAgain}
        name={text.sendAgainName(name, instantDay(at))}
        doneText={text.onItsWay}
        action={repeat}
      />
    </li>
  );
}
