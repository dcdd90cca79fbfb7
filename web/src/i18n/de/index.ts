import type { PartialCatalog } from "../catalog";
import { calendar } from "./calendar";
import { layout } from "./layout";
import { problems } from "./problems";

/** The German texts. */
export const de: PartialCatalog = { layout, problems, calendar };
