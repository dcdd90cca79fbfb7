import { useState } from "preact/hooks";
import { type ExportFormat, exportAccount } from "../../api/account";
import type { Schemas } from "../../api/client";
import { useApp } from "../../app_context";
import { isolated, texts } from "../../i18n/language";
import { TaskButton } from "../../parts/TaskButton";
import { leave, leaveForAnother } from "../../push/leave";
import { DeletionDialog } from "./DeletionDialog";
import { saveFile } from "./file";
import { Section } from "./Section";

/** The ways out: a file with all data, the sign-out, and the deletion of the account (R33). */
export function AccountSection({ me }: { me: Schemas["OwnProfile"] }) {
  const app = useApp();
  const [isDeleting, setDeleting] = useState(false);
  const text = texts.value.settings.account;
  const files: [ExportFormat, string, string][] = [
    ["json", "account-export", text.download],
    ["ics", "sessions", text.downloadCalendar],
    ["csv", "sessions", text.downloadSheet],
  ];
  return (
    <Section id="account" title={text.title}>
      <h3>{text.export}</h3>
      <p>{text.exportExplanation}</p>
      <p class="outcome">
        {files.map(([format, name, label]) => (
          <TaskButton
            key={format}
            text={label}
            doneText={text.downloaded}
            action={async () => saveFile(await exportAccount(app.api, format), name, format, new Date())}
          />
        ))}
      </p>
      <h3>{text.signOutTitle}</h3>
      <p>{text.signedInAs(isolated(me.name))}</p>
      <p class="outcome">
        <TaskButton text={text.signOut} action={() => leave(app)} />
        <TaskButton text={text.notYou} action={() => leaveForAnother(app, "/settings")} />
      </p>
      <h3>{text.delete}</h3>
      <p>{text.deleteExplanation}</p>
      <button type="button" class="danger" onClick={() => setDeleting(true)}>
        {text.deleteButton}
      </button>
      {isDeleting && <DeletionDialog onClose={() => setDeleting(false)} />}
    </Section>
  );
}
