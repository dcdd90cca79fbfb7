import { useQueryClient } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import { makeWebhook, useWebhooks, WEBHOOKS } from "../../api/webhooks";
import { useApp } from "../../app_context";
import { TextField } from "../../forms/Field";
import { useForm } from "../../forms/form";
import { faultyField } from "../../forms/form_faults";
import { SavedForm } from "../../forms/SavedForm";
import { texts } from "../../i18n/language";
import { Entries } from "../../parts/Entries";
import { SecretDialog } from "../../parts/SecretDialog";
import { KindChoices } from "./KindChoices";
import { isEveryKind, KINDS } from "./kinds";
import { Section } from "./Section";
import { WebhookEntry } from "./WebhookEntry";

/** The addresses of programs to which the member's events are posted (R43). */
export function WebhooksSection() {
  const webhooks = useWebhooks();
  const [secret, setSecret] = useState<string | null>(null);
  const text = texts.value.settings.webhooks;
  return (
    <Section id="webhooks" title={text.title}>
      <p>{text.explanation}</p>
      <Entries query={webhooks} none={text.none}>
        {(webhook) => <WebhookEntry key={webhook.webhookId} webhook={webhook} />}
      </Entries>
      <NewWebhook onMade={setSecret} />
      {secret !== null && (
        <SecretDialog
          title={text.made}
          label={text.secret}
          secret={secret}
          hint={text.secretHint}
          onClose={() => setSecret(null)}
        />
      )}
    </Section>
  );
}

const NEW_WEBHOOK = { url: "", kinds: [...KINDS] };

function NewWebhook({ onMade }: { onMade: (secret: string) => void }) {
  const { api } = useApp();
  const queries = useQueryClient();
  const text = texts.value.settings.webhooks;
  const form = useForm(NEW_WEBHOOK, async (_, { url, kinds }) => {
    if (kinds.length === 0) throw faultyField("kinds");
    // Without kinds it also gets those of a later version of the service.
    // Also after a lost connection: the list then has what was made.
    const refresh = () => {
      queries.invalidateQueries({ queryKey: WEBHOOKS });
    };
    onMade(await makeWebhook(api, { url: url.trim(), ...(!isEveryKind(kinds) && { kinds }) }).finally(refresh));
  });
  return (
    <SavedForm isMaking form={form} fields={["url", "kinds"]} submitText={text.make} savedText={text.madeText}>
      <h3>{text.newWebhook}</h3>
      <TextField
        label={text.url}
        name="url"
        type="url"
        faultText={text.urlFault}
        value={form.values.url}
        onChange={(url) => form.set("url", url)}
      />
      <KindChoices
        legend={text.kinds}
        name="kinds"
        faultText={text.kindsFault}
        chosen={form.values.kinds}
        onChange={(kinds) => form.set("kinds", kinds)}
      />
    </SavedForm>
  );
}
