import { useQueryClient } from "@tanstack/preact-query";
import { useRef, useState } from "preact/hooks";
import type { Schemas } from "../../api/client";
import { makeRepeat, type Repeat, refreshRepeats } from "../../api/repeats";
import { useApp } from "../../app_context";
import { locale, texts } from "../../i18n/language";
import { plural } from "../../i18n/plural";
import { announce } from "../../parts/announcements";
import { makingRefusalText } from "../../parts/refusal_text";
import { patternText } from "../repeats/repeat_text";
import { useIsMounted } from "./card_booking";
import { Turn } from "./turn";

/** Return the way of a card to make a repeat, and what to say after a refusal. */
export function useCardRepeat(onClose: () => void) {
  const { api } = useApp();
  const queries = useQueryClient();
  const [message, setMessage] = useState("");
  const [isSending, setSending] = useState(false);
  const turn = useRef(new Turn());
  const isOpen = useIsMounted();
  const attempt = async (body: Schemas["RepeatBody"]) => {
    setMessage("");
    setSending(true);
    try {
      announce(madeText(await makeRepeat(api, body)));
      if (isOpen.current) onClose();
    } catch (failure) {
      const text = makingRefusalText(failure);
      if (isOpen.current) setMessage(text);
      else announce(text, "failure");
    } finally {
      setSending(false);
      // Also after a lost connection: the views then have what was made.
      refreshRepeats(queries);
    }
  };
  const send = (body: Schemas["RepeatBody"]) => turn.current.take(() => attempt(body));
  return { message, isSending, send };
}

/** Return the pattern that was made, with the number of times that could not be booked. */
function madeText(repeat: Repeat): string {
  const { repeats } = texts.value;
  const made = repeats.made(patternText(repeat));
  const { length } = repeat.skipped;
  return length === 0 ? made : repeats.madeWithSkipped(made, plural(repeats.skipped, length, locale.value));
}
