import { isolated, texts } from "../../i18n/language";
import { Dialog } from "../../parts/Dialog";
import { useRelationAction } from "./relation_action";

interface BlockDialogProps {
  person: { userId: string; name: string };
  onClose: () => void;
}

/** The question before a block, with all that it does. */
export function BlockDialog({ person, onClose }: BlockDialogProps) {
  const { people, words } = texts.value;
  const change = useRelationAction(person);
  async function block(): Promise<void> {
    if (!change.isPending && (await change.send({ relation: "block", holds: true }))) onClose();
  }
  return (
    <Dialog title={people.blockTitle(isolated(person.name))} onClose={onClose}>
      <ul>
        {Object.values(people.blockText).map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
      <div class="choices">
        <button type="button" class="danger" aria-disabled={change.isPending} onClick={block}>
          {people.confirmBlock}
        </button>
        <button type="button" onClick={onClose}>
          {words.cancel}
        </button>
      </div>
    </Dialog>
  );
}
