"""A school's classes and teachers, as its files tell them: read, checked, compared. No student."""
