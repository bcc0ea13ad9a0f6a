"""The playbooks that come with the library, one YAML file each."""
