// The search of the command line, over the page's own index. Functions are called as in search/interpret.py,
// rank.py and find.py, and do the same; the numbers come with the data (tuning), those of spelling.py stand here.

const WORD = /[\p{L}\p{N}]+(?:['’.-][\p{L}\p{N}]+)*/gu;
const MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];
const MONTH_OF = new Map(MONTHS.flatMap((name, n) => [[name, n + 1], [name.slice(0, 3), n + 1]]).concat([["sept", 9]]));
const SOUNDS = {shch: "c", dzh: "j", tch: "c", zh: "j", kh: "h", ch: "c", sh: "s", ts: "c", ph: "f", ck: "k", q: "k", x: "ks", w: "v", y: "i", "'": "", "-": ""};
const RUSSIAN_ENDING = /^(?:[аеиоуыьэюяй]|ам|ах|ами|ая|ев|его|ее|ей|ем|ему|ею|ие|ией|ий|им|ими|их|ию|ия|иям|иях|ов|ого|ое|ой|ом|ому|ою|ую|ые|ый|ым|ыми|ых|ье|ью|ья|юю|ям|ями|ях|яя|ел|ла|ли|ло|ть|ют|ут|ет|ит|ят|ил|ал)$/;

function fold(text) {
  let bare = "";
  for (const char of text.normalize("NFKD").toLowerCase().replaceAll("ß", "ss").replaceAll("ς", "σ").normalize("NFKD")) {
    if (char === "\u0306" && bare.endsWith("и")) bare = `${bare.slice(0, -1)}й`;
    else if (!/\p{Mn}/u.test(char)) bare += char;
  }
  return bare.replace(/[’‘]/g, "'").trim().replace(/\s+/g, " ");
}

function wordsOf(text) {
  return (fold(text).match(WORD) ?? []).map((word) => word.replace(/'s$/, ""));
}

function partsOf(word) {
  const found = /[-.’']/.test(word) ? word.split(/[-.’']/).filter(Boolean) : [];
  return found.length > 1 ? found : [];
}

const isCyrillic = (word) => /[\u0400-\u04ff]/.test(word);
const isNumber = (word) => /^\d+$/.test(word);
const sound = (word) => word.replace(/shch|dzh|tch|zh|kh|ch|sh|ts|ph|ck|q|x|w|y|'|-/g, (part) => SOUNDS[part]).replace(/(.)\1+/g, "$1");
const skeleton = (heard) => heard.slice(0, 1) + heard.slice(1).replace(/[aeiou]/g, "");
const capitals = (text) => new Set((text.match(/(?<![\p{L}\p{N}_])[A-Z]{2}(?![\p{L}\p{N}_])/gu) ?? []).map((code) => code.toLowerCase()));

// The stem of an English word that the page's table does not have (https://snowballstem.org/algorithms/english).
function englishStem(word) {
  const special = {skis: "ski", skies: "sky", idly: "idl", gently: "gentl", ugly: "ugli", early: "earli", only: "onli", singly: "singl",
    sky: "sky", news: "news", howe: "howe", atlas: "atlas", cosmos: "cosmos", bias: "bias", andes: "andes"};
  if (word.length < 3) return word;
  if (Object.hasOwn(special, word)) return special[word];
  let w = word.replace(/^'/, "").replace(/^y|(?<=[aeiouy])y/g, "Y");
  const after = (start) => {
    const found = /[aeiouy][^aeiouy]/.exec(w.slice(start));
    return found ? start + found.index + 2 : w.length;
  };
  const long = /^(gener|commun|arsen|past|univers|later|emerg|organ|inter)/.exec(w);
  const r1 = long ? long[0].length : after(0);
  const r2 = after(r1);
  const cut = (ending, by = "") => { w = w.slice(0, w.length - ending.length) + by; };
  const ends = (endings) => endings.filter((ending) => w.endsWith(ending)).sort((a, b) => b.length - a.length)[0];
  const within = (ending, start) => w.length - ending.length >= start;
  const short = () => /(^[aeiouy][^aeiouy]|[^aeiouy][aeiouy][^aeiouywxY])$/.test(w);
  const isShort = () => w.length <= r1 && short();

  w = w.replace(/('s'|'s|')$/, "");
  if (w.endsWith("sses")) cut("es");
  else if (/(ied|ies)$/.test(w)) cut(w.length > 4 ? "es" : "s");
  else if (/s$/.test(w) && !/(us|ss)$/.test(w) && /[aeiouy].+s$/.test(w)) cut("s");
  if (/^(inning|outing|canning|herring|earring|proceed|exceed|succeed)$/.test(w)) return w;
  let ending = ends(["eed", "eedly", "ed", "edly", "ing", "ingly"]);
  if (ending?.startsWith("ee")) {
    if (within(ending, r1)) cut(ending, "ee");
  } else if (ending && /[aeiouy]/.test(w.slice(0, -ending.length))) {
    cut(ending);
    if (/(at|bl|iz)$/.test(w)) w += "e";
    else if (/(bb|dd|ff|gg|mm|nn|pp|rr|tt)$/.test(w)) w = w.slice(0, -1);
    else if (isShort()) w += "e";
  }
  w = w.replace(/(?<=.[^aeiouy])[yY]$/, "i");
  const second = {tional: "tion", enci: "ence", anci: "ance", abli: "able", entli: "ent", izer: "ize", ization: "ize", ational: "ate", ation: "ate",
    ator: "ate", alism: "al", aliti: "al", alli: "al", fulness: "ful", ousli: "ous", ousness: "ous", iveness: "ive", iviti: "ive", biliti: "ble",
    bli: "ble", ogi: "og", fulli: "ful", lessli: "less", li: ""};
  ending = ends(Object.keys(second));
  if (ending && within(ending, r1) && !(ending === "ogi" && !w.endsWith("logi")) && !(ending === "li" && !/[cdeghkmnrt]li$/.test(w))) cut(ending, second[ending]);
  const third = {tional: "tion", ational: "ate", alize: "al", icate: "ic", iciti: "ic", ical: "ic", ful: "", ness: "", ative: ""};
  ending = ends(Object.keys(third));
  if (ending && within(ending, ending === "ative" ? r2 : r1)) cut(ending, third[ending]);
  ending = ends(["al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ism", "ate", "iti", "ous", "ive", "ize", "ion"]);
  if (ending && within(ending, r2) && !(ending === "ion" && !/[st]ion$/.test(w))) cut(ending);
  if (w.endsWith("e")) {
    const whole = w;
    cut("e");
    if (!(within("", r2) || (within("", r1) && !short()))) w = whole;
  } else if (w.endsWith("ll") && w.length - 1 >= r2) cut("l");
  return w.toLowerCase();
}

// Optimal string alignment, or most + 1 where it is more.
function distance(one, other, most) {
  if (Math.abs(one.length - other.length) > most) return most + 1;
  let before = [];
  let last = Array.from({length: other.length + 1}, (_, n) => n);
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1];
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1));
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1);
      least = Math.min(least, row[j]);
    }
    if (least > most) return most + 1;
    [before, last] = [last, row];
  }
  return last[other.length];
}

const allowance = (word) => (word.length < 4 ? 0 : word.length < 8 ? 1 : 2);

function slips(word, known, most = 9) {
  const cutoff = Math.min(most, allowance(word));
  if (!cutoff) return [];
  const found = [...known].map((other) => [other, distance(word, other, cutoff)]).filter(([, steps]) => steps <= cutoff);
  const best = Math.min(...found.map(([, steps]) => steps));
  return found.filter(([, steps]) => steps === best);
}

const similarity = (word, other, steps) => 1 - steps / Math.max(word.length, other.length);
const misspelt = (word, known, most) => slips(word, known, most).filter(([other]) => other.length > 3).map(([other, steps]) => [other, similarity(word, other, steps)]);

function begun(word, known) {
  if (word.length < 5) return [];
  for (const length of [word.length, word.length + 1, word.length - 1]) {
    const heads = new Set(known.filter((other) => other.length > length).map((other) => other.slice(0, length)));
    const close = new Map(slips(word, heads).map(([head, steps]) => [head, similarity(word, head, steps)]).filter(([, near]) => near > 0.79));
    if (close.size) return known.filter((other) => other.length > length && close.has(other.slice(0, length))).map((other) => [other, close.get(other.slice(0, length)) - 0.1]);
  }
  return [];
}

function openSearch(data) {
  const index = data.search;
  const tuning = index.tuning;
  const small = new Set(index.small.split(" "));
  const often = (level) => tuning.STEP * (level + 0.5);
  const stemOf = new Map();
  const known = new Map();
  const byLetter = new Map();
  const sounds = [];
  const holding = (map, key) => map.get(key) ?? map.set(key, []).get(key);

  for (const line of whole(index.words)) {
    const [word, drop = "", level = ""] = line.split(" ");
    stemOf.set(word, drop.startsWith("=") ? drop.slice(1) : word.slice(0, word.length - Number(drop)));
    known.set(word, level ? often(Number(level)) : 0);
    holding(byLetter, word[0]).push(word);
    if (word.length > 3 && /^[a-z]+$/.test(word)) sounds.push([word, sound(word), skeleton(sound(word))]);
  }
  const stems = new Set(stemOf.values());
  const postings = new Map();
  const inClaims = new Map();
  for (const line of whole(index.terms)) {
    const [term, ...held] = line.split(" ");
    postings.set(term, held.map(decoded).sort((one, other) => other.weight - one.weight));
    inClaims.set(term, postings.get(term).reduce((sum, posting) => sum + posting.holders.length, 0));
  }
  const common = new Map();
  const ready = unpacked(index.common).then((text) => {
    for (const line of text.split("\n")) {
      const [frequency, terms] = line.split(" ");
      let last = "";
      for (const [, same, rest] of terms.matchAll(/(\d)(\D*)/g)) {
        last = last.slice(0, Number(same)) + rest;
        common.set(last, Number(frequency));
      }
    }
  }).catch(() => {});

  // Each line begins with a letter for how much it shares with the one before: a for nothing.
  function* whole(text) {
    let last = "";
    for (const line of text.split("\n").filter(Boolean)) {
      last = last.slice(0, line.charCodeAt(0) - 97) + line.slice(1);
      yield last;
    }
  }

  function decoded(coded) {
    const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const [field, weight] = index.levels[digits.indexOf(coded[0])];
    const holders = [];
    let last = -1, number = 0, shift = 1;
    for (const digit of coded.slice(1)) {
      const value = digits.indexOf(digit);
      number += (value & 31) * shift;
      shift *= 32;
      if (value < 32) {
        last += number + 1;
        holders.push(last);
        [number, shift] = [0, 1];
      }
    }
    return {field, weight, holders};
  }

  async function unpacked(text) {
    const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).text();
  }

  function stem(word) {
    if (stemOf.has(word)) return stemOf.get(word);
    let found = word;
    if (isCyrillic(word)) {
      // The longest stem known of which the rest is an ending.
      for (let length = word.length - 1; length > 2 && found === word; length--) {
        if (stems.has(word.slice(0, length)) && RUSSIAN_ENDING.test(word.slice(length))) found = word.slice(0, length);
      }
    } else {
      const plain = Object.hasOwn(index.irregular, word) ? index.irregular[word] : word;
      found = englishStem(plain.replace(/is(?=(?:e|ed|er|ers|es|ing|ation|ations)$)/, "iz"));
      if (Object.hasOwn(index.american, found)) found = index.american[found];
    }
    stemOf.set(word, found);
    return found;
  }
  const stemsOf = (text) => wordsOf(text).map(stem);

  // Names: each as its stems joined, with the ids of its bearers, under each of its stems.
  const names = new Map();
  const bearers = new Map();
  for (const [id, name, , aliases] of data.entities) {
    for (const each of [id, name, ...aliases]) {
      const key = stemsOf(each);
      if (!key.length) continue;
      for (const part of key) {
        const under = names.get(part) ?? names.set(part, new Map()).get(part);
        const ids = holding(under, key.join(" "));
        if (!ids.includes(id)) ids.push(id);
      }
      const folded = holding(bearers, fold(each));
      if (!folded.includes(id)) folded.push(id);
    }
  }
  const typeOf = new Map(data.entities.map(([id, , type]) => [id, type]));
  const countriesOf = new Map(data.entities.filter(([, , , , inside]) => inside.length).map(([id, , , , inside]) => [id, inside.filter((each) => typeOf.get(each) !== "region")]));
  const isCode = (name, ids) => /^..$/u.test(name) && (small.has(name) || ids.includes(name.toUpperCase()));

  function readWords(query) {
    const found = [];
    for (const word of wordsOf(query)) {
      if (/(n't|'re|'ve|'ll|'d|'m)$/.test(word)) continue;
      const parts = partsOf(word);
      const measure = /^(\d+)([\p{L}]+)$/u.exec(word);
      if (known.has(word) || /^\d{1,2}[./-]\d{1,2}[./-]\d{4}$/.test(word) || /^\d{4}-\d\d(-\d\d)?$/.test(word)) found.push(word);
      else if (measure) found.push(measure[1], measure[2]);
      else if (parts.length) found.push(...(names.get(stem(word))?.has(stem(word)) ? [word] : parts));
      else found.push(word);
    }
    return found;
  }

  function readings(content, commonness) {
    const found = new Map();
    const add = (reading, term, close, way, word) => { if (!reading.has(term)) reading.set(term, {close, way, known: word}); };
    for (const word of content) {
      const reading = new Map();
      found.set(word, reading);
      const term = stem(word);
      if (known.has(word)) add(reading, term, 1, "exact", word);
      else if (postings.has(term) || names.has(term)) add(reading, term, 0.97, "stem", word);
      const close = reading.size ? 0.6 : 0.8;
      if (word.length > 2 && !isNumber(word)) {
        const longer = (byLetter.get(word[0]) ?? []).filter((other) => other.length > word.length && other.startsWith(word));
        longer.sort((one, other) => (inClaims.get(stem(other)) ?? 0) - (inClaims.get(stem(one)) ?? 0) || (one < other ? -1 : 1));
        for (const other of longer.slice(0, 100).sort((one, other) => one.length - other.length || (one < other ? -1 : 1))) {
          add(reading, stem(other), close + 0.15 * word.length / other.length, "prefix", other);
        }
      }
    }
    for (const word of content) {
      const reading = found.get(word);
      if (reading.size || isNumber(word)) continue;
      if (isCyrillic(word)) {
        const heard = sound([...word].map((char) => index.letters[char] ?? char).join(""));
        const bare = skeleton(heard);
        for (const [other, its, skin] of sounds) {
          if (its === heard || (bare.length > 3 && skin === bare)) add(reading, stem(other), 0.8, "transliteration", other);
        }
      }
      // A dictionary word is not misspelt, only unknown here.
      if (reading.size || commonness.get(word)) continue;
      const starting = byLetter.get(word[0]) ?? [];
      let close = misspelt(word, starting, 1);
      if (!close.length && word.length > 5) close = misspelt(word, [...known.keys()]);
      if (!close.length) close = begun(word, starting);
      close.sort((one, other) => other[1] - one[1] || (one[0] < other[0] ? -1 : 1));
      for (const [other, near] of close.slice(0, 100)) add(reading, stem(other), 0.85 * near, "typo", other);
    }
    return found;
  }

  function* meaningsOfWord(position, word, reading, named) {
    const partly = new Map();
    for (const [term, {close, way, known: other}] of reading) {
      yield {positions: [position], term, closeness: close, way, known: other};
      if (way === "prefix" && word.length < 4) continue;
      for (const ids of named(term).values()) {
        for (const id of ids) {
          const closeness = tuning.PART_OF_NAME * close;
          if (!(partly.get(id)?.closeness >= closeness)) partly.set(id, {positions: [position], term: `@${id}`, closeness, way, known: other});
        }
      }
    }
    yield* partly.values();
  }

  function* wholeNames(asked, named) {
    const position = new Map();
    asked.forEach((word, n) => { if (!position.has(stem(word))) position.set(stem(word), n); });
    const seen = new Set();
    for (const first of position.keys()) {
      for (const [name, ids] of named(first)) {
        const parts = name.split(" ");
        if (seen.has(name) || !parts.every((part) => position.has(part))) continue;
        seen.add(name);
        const where = [...new Set(parts.map((part) => position.get(part)))];
        const whole = where.length > 1 ? 1 : 0.95;
        const written = where.map((n) => asked[n]).join(" ");
        const bearing = ids.length > 1 ? (bearers.get(written) ?? []).filter((id) => ids.includes(id)) : [];
        for (const id of ids) yield {positions: where, term: `@${id}`, closeness: !bearing.length || bearing.includes(id) ? whole : tuning.PART_OF_NAME, way: "alias", known: ""};
      }
    }
  }

  // The countries of each region that the words name in a row: what is said of one is said of a part.
  function* members(asked, named) {
    const regions = new Map();
    for (const {term, positions} of named) {
      if (countriesOf.has(term.slice(1)) && Math.max(...positions) - Math.min(...positions) < positions.length) regions.set(term.slice(1), positions);
    }
    for (const [id, positions] of regions) {
      const before = asked.slice(0, Math.min(...positions)).reverse().find((word) => index.which.includes(word) || !(small.has(word) || index.countries.includes(word)));
      const closeness = index.which.includes(before) ? tuning.ASKED_MEMBER : tuning.MEMBER;
      for (const country of countriesOf.get(id)) yield {positions, term: `@${country}`, closeness, way: "member", known: ""};
    }
  }

  function* dates(asked) {
    const year = (n) => /^(1\d{3}|20\d\d)$/.exec(asked[n] ?? "");
    const day = (n) => /^(0?[1-9]|[12]\d|3[01])(st|nd|rd|th)?$/.exec(asked[n] ?? "");
    const two = (number) => String(Number(number)).padStart(2, "0");
    const date = (positions, term) => ({positions, term, closeness: 1, way: "date", known: ""});
    for (const [n, word] of asked.entries()) {
      const dayFirst = /^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$/.exec(word);
      if (dayFirst) yield date([n], `#${dayFirst[3]}-${two(dayFirst[2])}-${two(dayFirst[1])}`);
      else if (/^\d{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?$/.test(word) || year(n)) yield date([n], `#${word}`);
      else if (MONTH_OF.has(word)) {
        const month = two(MONTH_OF.get(word));
        yield date([n], `#--${month}`);
        if (year(n + 1)) yield date([n, n + 1], `#${year(n + 1)[0]}-${month}`);
        for (const [beside, after] of [[n - 1, n + 1], [n + 1, n + 2]]) {
          const found = day(beside);
          if (!found) continue;
          yield date([n, beside], `#--${month}-${two(found[1])}`);
          if (year(after)) yield date([n, beside, after], `#${year(after)[0]}-${month}-${two(found[1])}`);
        }
      }
    }
  }

  function namePositions(query, asked, commonness, meanings) {
    const capital = new Set(query.split(/\s+/).filter((word) => /^\p{Lu}/u.test(word)).flatMap(wordsOf));
    capital.delete(asked[0]);
    const found = new Set();
    for (const {term, closeness, positions} of meanings) {
      if (term.startsWith("@") && closeness > tuning.PART_OF_NAME + 0.25) positions.forEach((n) => found.add(n));
    }
    asked.forEach((word, n) => {
      const rare = commonness.has(word) && !commonness.get(word) && /^\p{L}+$/u.test(word);
      if (capital.has(word) || rare) found.add(n);
    });
    return found;
  }

  function weigh(asked, namesAt, commonness, meanings) {
    const counts = new Map();
    for (const {term} of meanings) counts.set(term, postings.get(term).filter((p) => p.weight >= tuning.COUNTED).reduce((sum, p) => sum + p.holders.length, 0));
    const total = index.records;
    const weights = new Map();
    const shares = new Map();
    const unknown = [];
    asked.forEach((word, n) => {
      const mine = meanings.filter((meaning) => meaning.way !== "member" && meaning.positions.includes(n));
      const at = index.of_all.includes(word) ? tuning.COMMONEST : namesAt.has(n) ? 0 : commonness.get(word) ?? 0;
      const share = Math.min(1, Math.max(tuning.EVERYDAY, (tuning.COMMONEST - at) / tuning.COMMON_RANGE));
      shares.set(n, share);
      if (mine.length) {
        const best = Math.max(...mine.map((m) => m.closeness));
        const near = mine.filter((m) => m.closeness > best - 0.1);
        const literal = near.filter((m) => !m.term.startsWith("@"));
        const count = Math.max(...(literal.length ? literal : near).map((m) => counts.get(m.term)));
        const rarity = Math.log(1 + (total - count + 0.5) / (count + 0.5));
        if (!small.has(word) || mine.some((m) => m.way === "alias" && m.positions.length === 1)) weights.set(n, share * rarity);
        else if (mine.some((m) => m.positions.length > 1)) weights.set(n, tuning.SMALL_IN_NAME * rarity);
      } else if (!small.has(word)) {
        unknown.push(n);
        weights.set(n, Math.log(1 + 2 * total) * share * (at ? tuning.UNKNOWN_WORD : tuning.UNKNOWN_NAME));
      }
    });
    return {weights, shares, unknown};
  }

  function interpret(query) {
    const asked = readWords(query);
    const content = [...new Set(asked)].filter((word) => !small.has(word)).sort();
    const commonness = new Map(content.map((word) => [word, known.get(word) ?? common.get(stem(word)) ?? 0]));
    const found = readings(content, commonness);
    const written = capitals(query);
    const cache = new Map();
    const named = (term) => {
      if (!cache.has(term)) cache.set(term, new Map([...(names.get(term) ?? [])].filter(([name, ids]) => written.has(term) || !isCode(name, ids))));
      return cache.get(term);
    };
    const meanings = asked.flatMap((word, n) => [...meaningsOfWord(n, word, found.get(word) ?? new Map(), named)]);
    const whole = [...wholeNames(asked, named)];
    meanings.push(...whole, ...members(asked, whole), ...dates(asked));
    const meant = meanings.filter((meaning) => postings.has(meaning.term));
    const namesAt = namePositions(query, asked, commonness, meant);
    return {asked, meanings: meant, names: namesAt, ...weigh(asked, namesAt, commonness, meant)};
  }

  // For each word that counts, how each claim answers it best.
  function answers(query) {
    const found = new Map([...query.weights.keys()].map((n) => [n, []]));
    for (const meaning of query.meanings) {
      for (const posting of postings.get(meaning.term)) {
        const degree = Math.round(1000 * meaning.closeness * posting.weight);
        for (const n of meaning.positions) found.get(n)?.push({degree, meaning, posting});
      }
    }
    for (const [n, buckets] of found) {
      const best = new Map();
      for (const bucket of buckets.sort((one, other) => other.degree - one.degree)) {
        for (const number of bucket.posting.holders) if (!best.has(number)) best.set(number, bucket);
      }
      found.set(n, best);
    }
    return found;
  }

  function isOneName(query, positions) {
    const covered = new Map();
    for (const {term, positions: at} of query.meanings) if (term.startsWith("@")) at.forEach((n) => holding(covered, term).push(n));
    return positions.length === 1 || [...covered.values()].some((at) => positions.every((n) => at.includes(n)));
  }

  function answered(query, reasons) {
    const content = [...query.weights.keys()].filter((n) => !small.has(query.asked[n]));
    const missing = content.filter((n) => !reasons.has(n)).length;
    const positions = [...reasons.keys()];
    const oneName = positions.length > 0 && positions.every((n) => query.names.has(n) && content.includes(n)) && isOneName(query, positions);
    let whole = 0, sum = 0;
    for (const [n, weight] of query.weights) {
      let asked = weight;
      if (reasons.has(n)) {
        const {meaning, posting} = reasons.get(n);
        if (query.names.has(n) && content.includes(n)) asked = Math.max(weight, tuning.FOUND_NAME);
        const guessed = meaning.way === "typo" || meaning.way === "transliteration";
        sum += asked * tuning.TRUST[posting.field] * (guessed ? 0.9 : meaning.closeness);
      } else if (query.names.has(n) && content.includes(n)) asked = Math.max(weight, tuning.MISSED_NAME);
      else if (oneName && missing > 1) asked = weight / query.shares.get(n);
      whole += asked;
    }
    const together = content.filter((n) => reasons.has(n) && query.shares.get(n) >= 0.35).length;
    const named = new Set(query.meanings.filter(({way}) => way === "alias").flatMap(({positions}) => [...positions]));
    const names = content.filter((n) => query.names.has(n) && named.has(n));
    if (names.length && !names.some((n) => reasons.has(n)) && together < 3) return 0;
    return sum / whole + Math.min(0.1, tuning.TOGETHER * Math.max(0, together - 3));
  }

  // What a question is after: a time, an amount, or anything (search/time_or_amount.py).
  function kindAsked(asked) {
    const words = `${asked.join(" ")} `.replace(/^((about|and|at|but|by|for|from|in|on|since|so|to|until) )+/, "");
    if (/^(how (far|heavy|high|long|tall|wide) (is|are|was|were)|how (many|much)|сколько) /.test(words)) return "amount";
    if (/^(how (long|old)|(what|which) (year|month|day|date)) /.test(words)) return "time";
    return /^when (are|can|could|did|do|does|had|has|have|is|must|shall|should|was|were|will|would) /.test(words) ? "time" : "";
  }

  // Whether one of the best claims answers; where a time or an amount is asked for, it must tell it or have every word.
  function enough(query, candidates) {
    const able = candidates.map(([number, reasons]) => [answered(query, reasons), number, reasons]).filter(([value]) => value >= tuning.SILENCE);
    const kind = kindAsked(query.asked);
    if (!kind) return able.length > 0;
    const best = Math.max(...able.map(([value]) => value)), told = new Set(index.told[kind]);
    const content = [...query.weights.keys()].filter((n) => !small.has(query.asked[n]));
    return able.some(([value, number, reasons]) => value >= best - tuning.BEHIND && (told.has(number) || content.every((n) => reasons.has(n))));
  }

  // Answer the words of a query with the records, by number, that pass; those that come closest if none answers.
  function find(text, passes = () => true) {
    const query = interpret(text);
    const by = answers(query);
    const reasons = (number) => new Map([...by].filter(([, best]) => best.has(number)).map(([n, best]) => [n, best.get(number)]));
    const scores = new Map();
    for (const [n, best] of by) {
      const unit = Math.round(1000 * query.weights.get(n));
      for (const [number, {degree}] of best) if (unit * degree > 0 && passes(number)) scores.set(number, (scores.get(number) ?? 0) + unit * degree);
    }
    const ranked = [...scores].sort((one, other) => other[1] - one[1] || one[0] - other[0]);
    const answering = enough(query, ranked.slice(0, 10).map(([number]) => [number, reasons(number)]));
    const unknown = query.unknown.map((n) => query.asked[n]);
    if (!answering) return {hits: [], closest: ranked.slice(0, 3).map(([number]) => number), corrected: "", unknown, terms: new Set()};
    const hits = ranked.filter(([, score]) => score >= tuning.FADE * ranked[0][1]).map(([number]) => number);
    const typed = new Map([...reasons(hits[0]).entries()].filter(([, {meaning}]) => meaning.way === "typo").map(([n, {meaning}]) => [query.asked[n], meaning.known]));
    const corrected = typed.size ? query.asked.map((word) => typed.get(word) ?? word).join(" ") : "";
    return {hits, closest: [], corrected, unknown, terms: new Set(query.meanings.map((meaning) => meaning.term))};
  }

  return {find, stem, stemsOf, names, bearers, ready};
}
