import type { Schemas } from "../../api/client";
import { useNotices, useNoticesChange } from "../../api/notices";
import { TextField } from "../../forms/Field";
import { useForm } from "../../forms/form";
import { SavedForm } from "../../forms/SavedForm";
import { isolated, texts } from "../../i18n/language";
import { Loaded } from "../../parts/Loaded";
import { TaskButton } from "../../parts/TaskButton";
import { KindChoices } from "./KindChoices";
import { PushBrowsers } from "./PushBrowsers";
import { Section } from "./Section";

/** What the member gets by e-mail, and in browsers without an open page (R43). */
export function NoticesSection() {
  const notices = useNotices();
  const text = texts.value.settings.notices;
  return (
    <Section id="notices" title={text.title}>
      <Loaded query={notices}>
        {({ email, push }) => (
          <>
            <h3>{text.email}</h3>
            <EmailForm email={email} />
            <h3>{text.push}</h3>
            <PushBrowsers />
            <PushForm push={push} />
          </>
        )}
      </Loaded>
    </Section>
  );
}

function EmailForm({ email }: { email: Schemas["EmailNotices"] }) {
  const change = useNoticesChange();
  const text = texts.value.settings.notices;
  const stored = { address: email.address ?? "", kinds: email.kinds };
  const form = useForm(stored, async ({ address, kinds }) => {
    if (address === undefined && kinds === undefined) return;
    await change({
      email: { ...(address !== undefined && { address: address.trim() || null }), ...(kinds && { kinds }) },
    });
  });
  return (
    <SavedForm form={form} fields={["email.address", "email.kinds"]}>
      <TextField
        label={text.address}
        name="email.address"
        type="email"
        autocomplete="email"
        hint={text.addressHint}
        faultText={text.addressFault}
        value={form.values.address}
        onChange={(address) => form.set("address", address)}
      />
      <AddressState email={email} />
      <KindChoices
        legend={text.mailKinds}
        name="email.kinds"
        chosen={form.values.kinds}
        onChange={(kinds) => form.set("kinds", kinds)}
      />
    </SavedForm>
  );
}

/** Whether mails go to the address, and what to do if not. */
function AddressState({ email: { address, verified, refused } }: { email: Schemas["EmailNotices"] }) {
  const change = useNoticesChange();
  const text = texts.value.settings.notices;
  if (!address) return null;
  if (refused) return <p class="notice">{text.refused(isolated(address))}</p>;
  if (verified) return <p>✓ {text.verified(isolated(address))}</p>;
  return (
    <p class="notice">
      {text.unverified(isolated(address))}{" "}
      <TaskButton text={text.sendAgain} doneText={text.sentAgain} action={() => change({ email: { address } })} />
    </p>
  );
}

function PushForm({ push }: { push: Schemas["PushNotices"] }) {
  const change = useNoticesChange();
  const text = texts.value.settings.notices;
  const form = useForm({ kinds: push.kinds }, async ({ kinds }) => {
    if (kinds) await change({ push: { kinds } });
  });
  return (
    <SavedForm form={form} fields={["push.kinds"]}>
      <KindChoices
        legend={text.pushKinds}
        name="push.kinds"
        chosen={form.values.kinds}
        onChange={(kinds) => form.set("kinds", kinds)}
      />
    </SavedForm>
  );
}
