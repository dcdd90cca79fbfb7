import { calendar } from "./calendar";
import { layout } from "./layout";
import { live } from "./live";
import { problems } from "./problems";
import { sessions } from "./sessions";

/** The English texts. Their type is the type of every catalog. */
export const en = { layout, problems, calendar, sessions, live };
