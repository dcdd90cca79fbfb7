import { useQueryClient } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import { API_KEYS, makeApiKey, revokeApiKey, useApiKeys } from "../../api/api_keys";
import type { Schemas } from "../../api/client";
import { useApp } from "../../app_context";
import { Choices } from "../../forms/Choices";
import { ExpiryField } from "../../forms/ExpiryField";
import { expiryInstant, NO_EXPIRY } from "../../forms/expiry";
import { TextField } from "../../forms/Field";
import { useForm } from "../../forms/form";
import { faultyField } from "../../forms/form_faults";
import { SavedForm } from "../../forms/SavedForm";
import { isolated, texts } from "../../i18n/language";
import { ConfirmedButton } from "../../parts/ConfirmedButton";
import { Entries } from "../../parts/Entries";
import { SecretDialog } from "../../parts/SecretDialog";
import { dateText, instantDay } from "./dates";
import { Section } from "./Section";

const SCOPES = ["read", "write", "export"] as const;
const NEW_KEY = { name: "", scope: "read" as Schemas["Scope"], expiry: NO_EXPIRY };

/** The API keys of the member, for programs of their own (R35). */
export function KeysSection() {
  const keys = useApiKeys();
  const [secret, setSecret] = useState<string | null>(null);
  const text = texts.value.settings.keys;
  return (
    <Section id="keys" title={text.title}>
      <p>{text.explanation}</p>
      <Entries query={keys} none={text.none}>
        {(key) => <KeyEntry key={key.apiKeyId} apiKey={key} />}
      </Entries>
      <NewKey onMade={setSecret} />
      {secret !== null && (
        <SecretDialog title={text.made} label={text.key} secret={secret} onClose={() => setSecret(null)} />
      )}
    </Section>
  );
}

function NewKey({ onMade }: { onMade: (secret: string) => void }) {
  const { api } = useApp();
  const queries = useQueryClient();
  const text = texts.value.settings.keys;
  const form = useForm(NEW_KEY, async (_, { name, scope, expiry }) => {
    const expiresAt = expiryInstant(expiry, new Date());
    if (expiresAt === undefined) throw faultyField("expiresAt");
    // Also after a lost connection: the list then has what was made.
    const refresh = () => {
      queries.invalidateQueries({ queryKey: API_KEYS });
    };
    onMade(await makeApiKey(api, { name, scope, expiresAt }).finally(refresh));
  });
  return (
    <SavedForm
      isMaking
      form={form}
      fields={["name", "scope", "expiresAt"]}
      submitText={text.make}
      savedText={text.madeText}
    >
      <h3>{text.newKey}</h3>
      <TextField
        label={text.name}
        name="name"
        hint={text.nameHint}
        faultText={text.nameFault}
        value={form.values.name}
        onChange={(name) => form.set("name", name)}
      />
      <Choices
        legend={text.scope}
        name="scope"
        type="radio"
        choices={SCOPES.map((value) => ({ value, ...text.scopes[value] }))}
        chosen={[form.values.scope]}
        onChange={(scope) => form.set("scope", scope)}
      />
      <ExpiryField value={form.values.expiry} onChange={(expiry) => form.set("expiry", expiry)} />
    </SavedForm>
  );
}

function KeyEntry({ apiKey }: { apiKey: Schemas["ApiKey"] }) {
  const { api } = useApp();
  const queries = useQueryClient();
  const text = texts.value.settings.keys;
  const { apiKeyId, name, scope, expiresAt, lastUsed } = apiKey;
  return (
    <li>
      <div>
        <strong>
          <bdi>{name}</bdi>
        </strong>
        <p class="quiet">
          {text.scopes[scope].text}. {lastUsed ? text.lastUsed(dateText(lastUsed)) : text.unused}{" "}
          {expiresAt ? expiryText(expiresAt) : text.noExpiry}
        </p>
      </div>
      <ConfirmedButton
        text={texts.value.words.revoke}
        name={text.revokeName(isolated(name))}
        question={text.revokeQuestion(isolated(name))}
        explanation={text.revokeExplanation}
        doneText={text.revoked}
        headingId="keys-title"
        action={async () => {
          await revokeApiKey(api, apiKeyId);
          await queries.invalidateQueries({ queryKey: API_KEYS });
        }}
      />
    </li>
  );
}

function expiryText(expiresAt: string): string {
  const { keys } = texts.value.settings;
  const hasExpired = new Date(expiresAt) <= new Date();
  return hasExpired ? keys.expired(instantDay(expiresAt)) : keys.expires(instantDay(expiresAt));
}
