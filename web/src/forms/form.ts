import { createContext } from "preact";
import { useContext, useRef, useState } from "preact/hooks";
import { changesOf, draftAfter } from "./form_draft";

type Status = "open" | "saving" | "saved" | "refused";

/** The values of a form, with what the member has typed and not saved yet. */
export interface Form<Values> {
  values: Values;
  status: Status;
  error: unknown;
  set<Name extends keyof Values>(name: Name, value: Values[Name]): void;
  submit(): Promise<void>;
  /** Save these fields alone. Other fields keep what is typed there. */
  save(changes: Partial<Values>): Promise<void>;
}

/** Return a form over stored values. Fields that the member has not touched follow the stored values. */
export function useForm<Values extends object>(
  stored: Values,
  save: (changes: Partial<Values>, values: Values) => Promise<unknown>,
): Form<Values> {
  const [draft, setDraft] = useState<Partial<Values>>({});
  const [{ status, error }, setOutcome] = useState<{ status: Status; error: unknown }>({ status: "open", error: null });
  const isSaving = useRef(false);
  const values = { ...stored, ...draft };

  async function send(edited: Partial<Values>): Promise<void> {
    // A second press of the button sends nothing.
    if (isSaving.current) return;
    isSaving.current = true;
    setOutcome({ status: "saving", error: null });
    try {
      await save(changesOf(stored, edited), { ...stored, ...edited });
      setDraft((typed) => draftAfter(typed, edited));
      setOutcome({ status: "saved", error: null });
    } catch (error) {
      setOutcome({ status: "refused", error });
    } finally {
      isSaving.current = false;
    }
  }

  return {
    values,
    status,
    error,
    set(name, value) {
      setDraft((typed) => ({ ...typed, [name]: value }));
      if (status === "saved") setOutcome({ status: "open", error: null });
    },
    submit: () => send(draft),
    save: send,
  };
}

/** The faults of the form around a field, by field. */
export const FaultsContext = createContext<ReadonlyMap<string, string>>(new Map());

/** Return the fault of a field, or undefined. */
export function useFault(name: string): string | undefined {
  return useContext(FaultsContext).get(name);
}
