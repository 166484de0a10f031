// Studio reads the schema from the database itself; the URL comes from the environment, where no process list shows it.
export default { datasource: { url: process.env.DATABASE_URL } };
