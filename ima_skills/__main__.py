"""``python -m ima_skills`` is the command ``ima-skills``."""

from ima_skills.cli import main

if __name__ == "__main__":
    main(prog_name="ima-skills")
