"""A process that carries creates, so that killing whoever ordered one loses neither the task nor the verdict."""
