import { useEffect, useId, useRef, useState } from "preact/hooks";
import { texts } from "../../i18n/language";
import type { Call } from "../../room/call";
import { LONGEST_LINE } from "../../room/data_channel";

/** The chat of the two in a room. It is stored nowhere. */
export function Chat({ call, name }: { call: Call; name: string }) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const log = useRef<HTMLDivElement>(null);
  const lines = call.chat.value;
  useEffect(() => {
    if (log.current) log.current.scrollTop = log.current.scrollHeight;
  }, [lines]);
  const [isLost, setLost] = useState(false);
  const { room } = texts.value;
  function send(event: Event) {
    event.preventDefault();
    const text = input.current?.value.trim();
    if (!text || !input.current) return;
    const isSent = call.write(text);
    setLost(!isSent);
    // What was not sent stays in the field.
    if (isSent) input.current.value = "";
  }
  return (
    <section class="chat" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{room.chat}</h2>
      <p class="quiet">{room.chatText}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: lines that scroll are reached by the keyboard */}
      <div ref={log} role="log" aria-labelledby={`${id}-title`} tabIndex={0}>
        <ol>
          {lines.map((line) => (
            <li key={line.id} class={line.isOwn ? "said" : "heard"}>
              <strong>
                <bdi>{line.isOwn ? room.you : name}</bdi>
              </strong>{" "}
              <bdi>{line.text}</bdi>
            </li>
          ))}
        </ol>
      </div>
      <form onSubmit={send}>
        <label for={id}>{room.message}</label>
        <input id={id} ref={input} autocomplete="off" maxLength={LONGEST_LINE} />
        <button type="submit">{room.send}</button>
      </form>
      {isLost && <p role="alert">{room.notSent}</p>}
    </section>
  );
}
