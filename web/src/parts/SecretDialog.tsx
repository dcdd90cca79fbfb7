import { useEffect, useId, useRef, useState } from "preact/hooks";
import { texts } from "../i18n/language";
import { Dialog } from "./Dialog";

interface SecretDialogProps {
  title: string;
  label: string;
  /** The text that is shown only here. It leaves the page with the dialog. */
  secret: string;
  hint?: string;
  /** True for an address that other people get. */
  isForOthers?: boolean;
  onClose: () => void;
}

/** A secret text that the service shows once, with ways to copy and to share it. */
export function SecretDialog({ title, label, secret, hint, isForOthers = false, onClose }: SecretDialogProps) {
  const input = useRef<HTMLInputElement>(null);
  const [outcome, setOutcome] = useState("");
  const id = useId();
  const { forms } = texts.value;
  useEffect(() => input.current?.select(), []);

  async function copy() {
    try {
      await navigator.clipboard.writeText(secret);
      setOutcome(forms.copied);
    } catch {
      input.current?.select();
      setOutcome(forms.copyByHand);
    }
  }

  return (
    <Dialog title={title} onClose={onClose}>
      <p>{forms.once}</p>
      {hint && <p class="quiet">{hint}</p>}
      <div class="field">
        <label for={id}>{label}</label>
        <input id={id} ref={input} readOnly dir="ltr" value={secret} autocomplete="off" spellcheck={false} />
      </div>
      <p class="outcome">
        <button type="button" class="primary" onClick={copy}>
          {forms.copy}
        </button>
        {isForOthers && "share" in navigator && (
          <button type="button" onClick={() => navigator.share({ url: secret }).catch(() => undefined)}>
            {forms.share}
          </button>
        )}
        <button type="button" onClick={onClose}>
          {forms.close}
        </button>
        <span role="status">{outcome}</span>
      </p>
    </Dialog>
  );
}
