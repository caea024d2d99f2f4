// @ts-check
// Banks to choose from, and the numbers of bank accounts: texts to texts, nothing is drawn here.

/** The banks of a type, by the names of the API; a name that doesn't say it all has a label. @type {{ [type: string]: string }} */
const BANKS = {
  ideal:
    "abn_amro:ABN AMRO|asn_bank:ASN Bank|bunq:bunq B.V.|buut|finom|handelsbanken|ing:ING Bank|knab:Knab|mollie|n26:N26|nn:Nationale-Nederlanden|rabobank|regiobank:RegioBank|revolut|sns_bank:SNS Bank|triodos_bank|van_lanschot|yoursafe",
  p24:
    "alior_bank|bank_millennium|bank_nowy_bfg_sa:Bank Nowy BFG S.A.|bank_pekao_sa:Bank PEKAO S.A.|banki_spbdzielcze:Bank spółdzielczy|blik:BLIK|bnp_paribas:BNP Paribas|boz:BOŻ|citi_handlowy|credit_agricole|envelobank|etransfer_pocztowy24:e-Transfer Pocztowy24|getin_bank|ideabank|ing:ING|inteligo|" +
    "mbank_mtransfer:mBank|nest_przelew|noble_pay|pbac_z_ipko:Płacę z iPKO|plus_bank|santander_przelew24|tmobile_usbugi_bankowe:T-Mobile usługi bankowe|toyota_bank|velobank|volkswagen_bank",
  eps:
    "arzte_und_apotheker_bank:Ärzte- und Apothekerbank|austrian_anadi_bank_ag|bank_austria|bankhaus_carl_spangler:Bankhaus Carl Spängler|bankhaus_schelhammer_und_schattera_ag|bawag_psk_ag:BAWAG P.S.K.|bks_bank_ag:BKS Bank|brull_kallmus_bank_ag:Brüll Kallmus Bank|btv_vier_lander_bank:BTV Vier Länder Bank|" +
    "capital_bank_grawe_gruppe_ag|deutsche_bank_ag|dolomitenbank|easybank_ag|erste_bank_und_sparkassen|hypo_alpeadriabank_international_ag|hypo_noe_lb_fur_niederosterreich_u_wien:HYPO NOE|hypo_oberosterreich_salzburg_steiermark:HYPO Oberösterreich, Salzburg, Steiermark|hypo_tirol_bank_ag|hypo_vorarlberg_bank_ag|" +
    "hypo_bank_burgenland_aktiengesellschaft|marchfelder_bank|oberbank_ag|raiffeisen_bankengruppe_osterreich:Raiffeisen Bankengruppe Österreich|schoellerbank_ag|sparda_bank_wien|volksbank_gruppe|volkskreditbank_ag|vr_bank_braunau",
  fpx: "affin_bank|agrobank:AGRONet|alliance_bank|ambank:AmBank|bank_islam|bank_muamalat|bank_rakyat|bsn:BSN|cimb:CIMB Clicks|hong_leong_bank|hsbc:HSBC BANK|kfh:KFH|maybank2e:Maybank2E|maybank2u:Maybank2U|ocbc:OCBC Bank|public_bank|rhb:RHB Bank|standard_chartered|uob:UOB Bank",
};

/** @param {string} type @returns {[string, string][]} */
function bankOptions(type) {
  return BANKS[type].split("|").map((row) => {
    const [bank, label] = row.split(":");
    return [bank, label ?? bank.replace(/_ag$/, "").replace(/(^|_)([a-z])/g, (_, gap, letter) => (gap ? " " : "") + letter.toUpperCase())];
  });
}

/** How long the IBANs of a country are. @type {{ [country: string]: number }} */
const IBAN_LENGTHS = Object.fromEntries(
  "AD24 AT20 BE16 BG22 CH21 CY28 CZ24 DE22 DK18 EE20 ES24 FI18 FR27 GB22 GI23 GR27 HR21 HU28 IE22 IS26 IT27 LI21 LT20 LU20 LV21 MC27 MT31 NL18 NO15 PL28 PT25 RO24 SE24 SI19 SK24 SM27 VA22"
    .split(" ")
    .map((row) => [row.slice(0, 2), Number(row.slice(2))]),
);

/** @param {string} text */
const compact = (text) => text.replace(/[^A-Za-z\d]/g, "").toUpperCase();

/** @param {string} text */
const formatIban = (text) =>
  (
    compact(text)
      .slice(0, 34)
      .match(/.{1,4}/g) ?? []
  ).join(" ");

/** The code of what is wrong with an IBAN. @param {string} text @param {string[]} [countries] Those that are accepted; `SEPA` are all that are known. */
function checkIban(text, countries = ["SEPA"]) {
  const iban = compact(text);
  const country = iban.slice(0, 2);
  if (country.length < 2) return "incomplete_iban";
  if (!countries.includes("SEPA") && !countries.includes(country)) return "invalid_iban_country_code";
  const length = IBAN_LENGTHS[country];
  if (!length) return "invalid_iban";
  if (iban.length < length) return "incomplete_iban";
  const digits = (iban.slice(4) + iban.slice(0, 4)).replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55));
  return iban.length === length && BigInt(digits) % 97n === 1n ? undefined : "invalid_iban";
}

/** @param {Partial<FieldSpec>} more @param {string[]} [countries] @returns {FieldSpec} */
function ibanSpec(more, countries) {
  return {
    name: "iban",
    label: "IBAN",
    placeholder: "DE00 0000 0000 0000 0000 00",
    missing: "incomplete_iban",
    format: formatIban,
    check: (text) => checkIban(text, countries),
    param: compact,
    ...more,
  };
}

/** @param {string} text */
function formatBsb(text) {
  const digits = digitsOf(text).slice(0, 6);
  return digits.length > 3 ? `${digits.slice(0, 3)}-${digits.slice(3)}` : digits;
}

/** @param {string} text */
function checkBsb(text) {
  return digitsOf(text).length < 6 ? "incomplete_au_bank_account_bsb" : undefined;
}
