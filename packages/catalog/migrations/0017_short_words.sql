-- Parts of words in the lists of cases and people, too short for `search_grams`: "12" in a case's number, "wu" in a login. Every run of one
-- and two ASCII characters of a folded text; these texts are a line long, so there are few.
create function search_short_grams(value text) returns text[] language plpgsql immutable strict parallel safe as $$
declare
  chars text[] := string_to_array(value, null);
begin
  return array(
    select distinct gram
    from (
      select unnest(chars)
      union all
      select a || b from unnest(chars, chars[2:]) as run (a, b)
    ) as runs (gram)
    where gram ~ '^[!-~]{1,2}$');
end $$;

create index case_file_short on case_file
  using gin (search_short_grams(search_fold(number || ' ' || title || ' ' || coalesce(subject, ''))));
create index account_short on account
  using gin (search_short_grams(search_fold(name || ' ' || login || ' ' || coalesce(officer_number, ''))));
