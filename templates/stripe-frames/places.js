// @ts-check
// Countries, their areas and postal codes, as far as forms must know them.

/** Every country that can be chosen. */
const COUNTRIES = (
  "AF AL DZ AD AO AI AQ AG AR AM AW AC AU AT AZ BS BH BD BB BY BE BZ BJ BM BT BO BA BW BV BR IO VG BN BG BF BI KH CM CA CV BQ KY CF TD CL CN CO KM CG CD CK CR HR CW CY CZ CI DK DJ DM DO EC EG SV " +
  "GQ ER EE SZ ET FK FO FJ FI FR GF PF TF GA GM GE DE GH GI GR GL GD GP GU GT GG GN GW GY HT HN HK HU IS IN ID IQ IE IM IL IT JM JP JE JO KZ KE KI XK KW KG LA LV LB LS LR LY LI LT LU MO MG MW MY MV " +
  "ML MT MQ MR MU YT MX MD MC MN ME MS MA MZ MM NA NR NP NL NC NZ NI NE NG NU MK NO OM PK PS PA PG PY PE PH PN PL PT PR QA RO RU RW RE WS SM SA SN RS SC SL SG SX SK SI SB SO ZA SD GS KR SS ES LK BL SH " +
  "KN LC MF PM VC SR SJ SE CH ST TW TJ TZ TH TL TG TK TO TT TA TN TR TM TC TV UG UA AE GB US UY UZ VU VA VE VN WF EH YE ZM ZW AX"
).split(" ");

const countryNames = new Intl.DisplayNames(["en"], { type: "region" });

/** The countries of a select, in the order of their names. @param {string[] | null} [allowed] @returns {[string, string][]} */
function countryOptions(allowed) {
  const codes = allowed?.length ? allowed.map((code) => code.toUpperCase()) : COUNTRIES;
  const options = codes.map((code) => /** @type {[string, string]} */ ([code, countryNames.of(code) ?? code]));
  return options.sort(([, one], [, other]) => one.localeCompare(other, "en"));
}

/** The areas of a country that are chosen from a list: code and name. @type {{ [country: string]: string }} */
const AREAS = {
  US: "AL:Alabama|AK:Alaska|AS:American Samoa|AZ:Arizona|AR:Arkansas|AA:Armed Forces (AA)|AE:Armed Forces (AE)|AP:Armed Forces (AP)|CA:California|CO:Colorado|CT:Connecticut|DE:Delaware|DC:District of Columbia|FL:Florida|GA:Georgia|GU:Guam|HI:Hawaii|ID:Idaho|IL:Illinois|IN:Indiana|IA:Iowa|KS:Kansas|KY:Kentucky|LA:Louisiana|ME:Maine|MH:Marshall Islands|MD:Maryland|MA:Massachusetts|MI:Michigan|FM:Micronesia|MN:Minnesota|MS:Mississippi|MO:Missouri|MT:Montana|NE:Nebraska|NV:Nevada|NH:New Hampshire|NJ:New Jersey|NM:New Mexico|NY:New York|NC:North Carolina|ND:North Dakota|MP:Northern Mariana Islands|OH:Ohio|OK:Oklahoma|OR:Oregon|PW:Palau|PA:Pennsylvania|PR:Puerto Rico|RI:Rhode Island|SC:South Carolina|SD:South Dakota|TN:Tennessee|TX:Texas|UT:Utah|VT:Vermont|VI:Virgin Islands|VA:Virginia|WA:Washington|WV:West Virginia|WI:Wisconsin|WY:Wyoming",
  CA: "AB:Alberta|BC:British Columbia|MB:Manitoba|NB:New Brunswick|NL:Newfoundland and Labrador|NT:Northwest Territories|NS:Nova Scotia|NU:Nunavut|ON:Ontario|PE:Prince Edward Island|QC:Quebec|SK:Saskatchewan|YT:Yukon",
  AU: "ACT:Australian Capital Territory|NSW:New South Wales|NT:Northern Territory|QLD:Queensland|SA:South Australia|TAS:Tasmania|VIC:Victoria|WA:Western Australia",
};

/** Countries whose addresses have an area that is typed. */
const TYPED_AREAS = "AE BR CL CN CO ES HK ID IE IN IT JP KR MX MY NG PH TH TW VN".split(" ");

/** What an area is called where it is no state. @type {{ [country: string]: string }} */
const AREA_LABELS = {
  AE: "Emirate",
  CA: "Province",
  CN: "Province",
  ES: "Province",
  IT: "Province",
  KR: "Province",
  HK: "Area",
  IE: "County",
  JP: "Prefecture",
};

/** Countries without postal codes. */
const WITHOUT_POSTAL_CODES =
  "AE AG AO AW BF BI BJ BO BS BW BZ CD CF CG CI CK CM DJ DM ER FJ GA GD GH GM GN GQ GY HK JM KI KM KN KP LC ML MO MR MS MW NR NU PA QA RW SB SC SL SO SR ST SY TD TF TG TK TL TO TT TV UG VC VU YE ZW".split(
    " ",
  );

/** How the postal codes of some countries look. @type {{ [country: string]: RegExp }} */
const POSTAL_CODES = {
  US: /^\d{5}(-?\d{4})?$/,
  PR: /^\d{5}$/,
  CA: /^[A-Z]\d[A-Z] ?\d[A-Z]\d$/i,
  GB: /^[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}$/i,
  DE: /^\d{5}$/,
  FR: /^\d{5}$/,
  IT: /^\d{5}$/,
  ES: /^\d{5}$/,
  NL: /^\d{4} ?[A-Z]{2}$/i,
  BE: /^\d{4}$/,
  AT: /^\d{4}$/,
  CH: /^\d{4}$/,
  AU: /^\d{4}$/,
  JP: /^\d{3}-?\d{4}$/,
};

/** @param {string} country @returns {[string, string][]} */
function areaOptions(country) {
  return (AREAS[country] ?? "")
    .split("|")
    .filter(Boolean)
    .map((row) => [row.slice(0, row.indexOf(":")), row.slice(row.indexOf(":") + 1)]);
}

/** @param {string} country */
const hasArea = (country) => country in AREAS || TYPED_AREAS.includes(country);
/** @param {string} country */
const areaLabel = (country) => AREA_LABELS[country] ?? "State";
/** @param {string} country */
const hasPostalCode = (country) => !WITHOUT_POSTAL_CODES.includes(country);
/** @param {string} country */
const postalLabel = (country) => (country === "US" || country === "PR" ? "ZIP code" : "Postal code");
/** @param {string} country */
const cityLabel = (country) => (country === "GB" ? "Town or city" : country === "AU" ? "Suburb" : "City");

/** The code of what is wrong with a postal code. @param {string} text @param {string} country */
function checkPostal(text, country) {
  const looks = POSTAL_CODES[country] ?? /^.{2,}$/;
  if (looks.test(text.trim())) return undefined;
  const isUnfinishedZip = country !== "US" || /^\d{0,5}(-\d{0,4})?$/.test(text.trim());
  return isUnfinishedZip ? "incomplete_zip" : "postal_code_invalid";
}
