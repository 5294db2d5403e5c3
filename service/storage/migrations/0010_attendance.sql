-- How many have answered many rounds in one question, for the screens of all classes that are being
-- asked at this moment. Like `participation`: numbers, and nothing else of an answer.

create function attendance(schools uuid[], rounds uuid[])
    returns table (round_id uuid, n integer, places integer, open boolean)
    language sql stable security definer set search_path = public, pg_temp
as $$
    select r.round_id,
           (
               select count(*)::integer
               from envelope e
               where e.school_id = r.school_id and e.round_id = r.round_id
           ),
           r.members + r.raised,
           r.state = 'open'
    from unnest(schools, rounds) asked (school_id, round_id)
    join round r on r.school_id = asked.school_id and r.round_id = asked.round_id
$$;

grant create on schema public to stemlokaal_ballots;
alter function attendance owner to stemlokaal_ballots;
revoke create on schema public from stemlokaal_ballots;
revoke all on function attendance from public;
grant execute on function attendance to stemlokaal_pages;
