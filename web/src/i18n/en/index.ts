import { calendar } from "./calendar";
import { forms } from "./forms";
import { layout } from "./layout";
import { problems } from "./problems";
import { settings } from "./settings";
import { signIn } from "./sign_in";

/** The English texts. Their type is the type of every catalog. */
export const en = { layout, signIn, problems, calendar, forms, settings };
