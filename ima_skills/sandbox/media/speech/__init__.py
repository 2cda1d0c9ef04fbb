"""Speech: texts read aloud by a synthesiser outside of this process."""
