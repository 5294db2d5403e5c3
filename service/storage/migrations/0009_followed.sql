-- Which survey another one follows is no foreign key any more: databases that distribute by school
-- have none that empties a column beside the school's. Whoever deletes a survey empties it instead.

alter table survey drop constraint survey_school_id_follows_fkey;
