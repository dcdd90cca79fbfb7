import type { Catalog } from "../catalog";
import { availability } from "./availability";
import { calendar } from "./calendar";
import { favorites } from "./favorites";
import { forms } from "./forms";
import { inviteLinks } from "./invite_links";
import { layout } from "./layout";
import { live } from "./live";
import { people } from "./people";
import { problems } from "./problems";
import { repeats } from "./repeats";
import { reports } from "./reports";
import { room } from "./room";
import { sessions } from "./sessions";
import { settings } from "./settings";
import { signIn } from "./sign_in";
import { staff } from "./staff";
import { words } from "./words";

/** The Arabic texts. */
export const ar: Catalog = {
  layout,
  words,
  signIn,
  problems,
  availability,
  calendar,
  favorites,
  forms,
  inviteLinks,
  live,
  people,
  repeats,
  reports,
  room,
  sessions,
  settings,
  staff,
};
