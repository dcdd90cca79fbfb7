import type { Schemas } from "../../api/client";
import { type ProfileChange, useProfileChange } from "../../api/profile";
import { SelectField, TextField } from "../../forms/Field";
import { useForm } from "../../forms/form";
import { SavedForm } from "../../forms/SavedForm";
import { texts } from "../../i18n/language";
import { Section } from "./Section";
import { deviceZone, isSameZone, timeZones, zoneText } from "./time_zones";

const GENDERS = ["", "woman", "man", "nonbinary"] as const;
const ACTIVITIES = ["desk", "moving", "anything"] as const;

interface ProfileValues {
  name: string;
  photoUrl: string;
  gender: Schemas["Gender"] | "";
  activityType: Schemas["Activity"];
  timeZone: string;
}

/** The profile of the member, which partners see in part (R31, R34). */
export function ProfileSection({ me }: { me: Schemas["OwnProfile"] }) {
  const change = useProfileChange();
  const { name, activityType, timeZone } = me;
  const stored = { name, photoUrl: me.photoUrl ?? "", gender: me.gender ?? ("" as const), activityType, timeZone };
  const form = useForm<ProfileValues>(stored, (changes) => change(profileChange(changes)));
  const { profile } = texts.value.settings;
  const { values } = form;
  return (
    <Section id="profile" title={profile.title}>
      <SavedForm form={form} fields={["name", "photoUrl", "gender", "activityType", "timeZone"]}>
        <TextField
          label={profile.name}
          name="name"
          hint={me.needsName ? profile.needsName : profile.nameHint}
          faultText={profile.nameFault}
          autocomplete="name"
          value={values.name}
          onChange={(name) => form.set("name", name)}
        />
        <TextField
          label={profile.photo}
          name="photoUrl"
          type="url"
          hint={profile.photoHint}
          faultText={profile.photoFault}
          value={values.photoUrl}
          onChange={(photoUrl) => form.set("photoUrl", photoUrl)}
        />
        <SelectField
          label={profile.gender}
          name="gender"
          hint={profile.genderHint}
          faultText={profile.genderFault}
          value={values.gender}
          options={GENDERS.map((gender) => [gender, profile.genders[gender || "none"]] as const)}
          onChange={(gender) => form.set("gender", gender as ProfileValues["gender"])}
        />
        <SelectField
          label={profile.activity}
          name="activityType"
          hint={profile.activityHint}
          value={values.activityType}
          options={ACTIVITIES.map((activity) => [activity, profile.activities[activity]] as const)}
          onChange={(activity) => form.set("activityType", activity as ProfileValues["activityType"])}
        />
        <SelectField
          label={profile.timeZone}
          name="timeZone"
          hint={profile.timeZoneHint}
          faultText={profile.timeZoneFault}
          value={values.timeZone}
          options={timeZones([timeZone, values.timeZone]).map((zone) => [zone, zoneText(zone)] as const)}
          onChange={(zone) => form.set("timeZone", zone)}
        />
        <DeviceZone current={values.timeZone} onChoose={(zone) => form.save({ timeZone: zone })} />
      </SavedForm>
    </Section>
  );
}

/** The offer to take the zone of the device, where the profile has another one. */
function DeviceZone({ current, onChoose }: { current: string; onChoose: (zone: string) => void }) {
  const { profile } = texts.value.settings;
  const zone = deviceZone();
  if (isSameZone(zone, current)) return null;
  return (
    <p class="notice">
      {profile.deviceZone(zoneText(zone))}{" "}
      <button type="button" onClick={() => onChoose(zone)}>
        {profile.useDeviceZone(zoneText(zone))}
      </button>
    </p>
  );
}

function profileChange({ gender, photoUrl, ...rest }: Partial<ProfileValues>): ProfileChange {
  return {
    ...rest,
    ...(gender !== undefined && { gender: gender || null }),
    ...(photoUrl !== undefined && { photoUrl: photoUrl.trim() || null }),
  };
}
