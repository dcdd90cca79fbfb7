import { Choices } from "../../forms/Choices";
import { texts } from "../../i18n/language";
import { type EventKind, KINDS, withKind } from "./kinds";

interface KindChoicesProps {
  legend: string;
  name: string;
  chosen: readonly EventKind[];
  onChange: (kinds: EventKind[]) => void;
  faultText?: string;
}

/** The kinds of events as checkboxes. */
export function KindChoices({ chosen, onChange, ...group }: KindChoicesProps) {
  const { kinds } = texts.value.settings;
  return (
    <Choices
      {...group}
      type="checkbox"
      choices={KINDS.map((kind) => ({ value: kind, text: kinds[kind] }))}
      chosen={chosen}
      onChange={(kind, isChosen) => onChange(withKind(chosen, kind, isChosen))}
    />
  );
}
