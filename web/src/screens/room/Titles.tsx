import { isolated, texts } from "../../i18n/language";
import type { Call } from "../../room/call";

interface TitlesProps {
  call: Call;
  name: string;
}

/** What the two work on, as far as each of them shares it. */
export function Titles({ call, name }: TitlesProps) {
  const { room } = texts.value;
  // Only its owner sees it, unless it is shared here.
  const title = call.title.value;
  const shared = call.partner.value?.title;
  if (!title && !shared) return null;
  return (
    <section aria-label={room.titles}>
      {shared && <p>{room.partnerTitle(name, isolated(shared))}</p>}
      {title && (
        <>
          <p>{room.ownTitle(isolated(title))}</p>
          <label class="choice">
            <input
              type="checkbox"
              checked={call.sharesTitle.value}
              onChange={(event) => {
                call.sharesTitle.value = event.currentTarget.checked;
              }}
            />
            {room.showTitle(name)}
          </label>
        </>
      )}
    </section>
  );
}
