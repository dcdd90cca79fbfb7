import { calendar } from "./calendar";
import { layout } from "./layout";
import { problems } from "./problems";
import { sessions } from "./sessions";
import { signIn } from "./sign_in";

/** The English texts. Their type is the type of every catalog. */
export const en = { layout, signIn, problems, calendar, sessions };
