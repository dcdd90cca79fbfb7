import type { PartialCatalog } from "../catalog";
import { calendar } from "./calendar";
import { layout } from "./layout";
import { problems } from "./problems";

/** The Arabic texts. */
export const ar: PartialCatalog = { layout, problems, calendar };
