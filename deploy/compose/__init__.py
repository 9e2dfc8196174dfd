"""What docker-compose.yml needs beside the services: the database's users, a certificate for the demo's mail server, `.env`."""
